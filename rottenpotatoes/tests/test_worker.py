"""gunicorn with our worker, around an application that does nothing."""

import os
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection

import pytest
from django.conf import settings

from rottenpotatoes.worker import MAX_IN_A_ROW

N_THREADS = 2


@contextmanager
def serving():
    """The process, and the port it listens on already: a connection waits until it is ready."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        port = listener.getsockname()[1]
        command = [
            *(sys.executable, "-m", "gunicorn", "--bind", f"fd://{listener.fileno()}"),
            *("--threads", str(N_THREADS), "benchmarks.empty_app:application"),
        ]
        process = subprocess.Popen(
            command, cwd=settings.BASE_DIR, env=os.environ, pass_fds=[listener.fileno()]
        )
    yield process, port
    process.kill()
    process.wait(10)


@pytest.fixture(scope="module")
def server():
    with serving() as running:
        yield running


def ask(port: int, n_times: int) -> list[int]:
    """Statuses of requests over one connection."""
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    statuses = []
    for _ in range(n_times):
        connection.request("GET", "/")
        answer = connection.getresponse()
        answer.read()
        statuses.append(answer.status)
    connection.close()
    return statuses


def test_a_connection_may_ask_on_and_on(server):
    n_times = 2 * MAX_IN_A_ROW + 1
    assert ask(server[1], n_times) == [200] * n_times


def test_more_connections_than_threads_are_all_answered(server):
    with ThreadPoolExecutor(4 * N_THREADS) as pool:
        answers = list(pool.map(ask, [server[1]] * 4 * N_THREADS, [30] * 4 * N_THREADS))
    assert answers == [[200] * 30] * 4 * N_THREADS


def test_told_to_stop_it_stops_although_a_client_is_connected(server):
    process, port = server
    with socket.create_connection(("127.0.0.1", port)) as idle:
        idle.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert idle.recv(12) == b"HTTP/1.1 200"
        process.send_signal(signal.SIGTERM)
        while idle.recv(4096):
            pass
    assert process.wait(20) == 0


def test_told_to_stop_it_refuses_newcomers_and_finishes_what_has_begun():
    with serving() as (process, port):
        ask(port, 1)  # before it has started, a signal ends it
        with socket.create_connection(("127.0.0.1", port)) as visitor:
            visitor.sendall(b"GET / HTTP/1.1\r\n")
            process.send_signal(signal.SIGTERM)
            wait_until_refused(port)
            visitor.sendall(b"Host: localhost\r\n\r\n")
            assert visitor.recv(12) == b"HTTP/1.1 200"


def wait_until_refused(port: int) -> None:
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
        except ConnectionRefusedError:
            return
