"""Events reach the receiver in spite of its failures, and each one once by its id."""

import logging
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
from contextlib import ExitStack

import pytest
from django.conf import settings

from observability import logstash, lost_events
from observability.event_queue import EventQueue
from observability.logstash import LogstashHandler
from observability.tests.fake_logstash import FakeLogstash
from tests.support import run, wait_until

TIMEOUT_S = 60


class Emitter:
    """A process that runs ``emit_events.py``."""

    def __init__(self, name, url, **variables):
        # A file, because a pipe that is not read fills up.
        self.console = tempfile.TemporaryFile("w+")  # noqa: SIM115
        self.process = subprocess.Popen(
            [sys.executable, "-m", "observability.tests.emit_events", name],
            cwd=settings.BASE_DIR,
            env=os.environ
            | {"LOGSTASH_URL": url, "PYTHONPATH": str(settings.BASE_DIR), "DEBUG": "true"}
            | variables,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.console,
            text=True,
        )

    def emit(self, n):
        self.process.stdin.write(f"{n}\n")
        self.process.stdin.flush()
        return self

    def wait(self):
        assert self.process.stdout.readline(), self.output()

    def output(self):
        self.console.seek(0)
        return self.console.read()

    def end(self):
        """Return what the process wrote to its console."""
        self.process.stdin.close()
        assert self.process.wait(TIMEOUT_S) == 0, self.output()
        return self.output()


@pytest.fixture
def receiver(tmp_path):
    with FakeLogstash(tmp_path) as receiver:
        yield receiver


@pytest.fixture
def start_emitter():
    with ExitStack() as stack:

        def start(name, url, **variables):
            emitter = Emitter(name, url, **variables)
            stack.callback(emitter.process.kill)
            return emitter

        yield start


def all_emit(emitters, n):
    for emitter in emitters:
        emitter.emit(n)
    for emitter in emitters:
        emitter.wait()


@pytest.mark.parametrize("on_disk", [False, True])
def test_5000_events_of_three_processes_arrive_in_spite_of_failures_of_the_receiver(
    receiver, start_emitter, tmp_path, on_disk
):
    queue = {"LOGSTASH_QUEUE_DIR": str(tmp_path / "queue")} if on_disk else {}
    emitters = [start_emitter(name, receiver.url, **queue) for name in "abc"]
    all_emit(emitters, 500)  # the receiver is down
    receiver.start()
    receiver.wait_for(1_500)
    receiver.process.send_signal(signal.SIGSTOP)  # it accepts connections, but never answers
    all_emit(emitters, 500)
    receiver.process.send_signal(signal.SIGCONT)
    receiver.wait_for(3_000)
    receiver.stop()
    receiver.start(crash_after=300)
    all_emit(emitters, 400)
    receiver.process.wait(TIMEOUT_S)
    all_emit(emitters, 266)
    emitters[0].emit(2)
    receiver.start()
    receiver.wait_for(5_000)
    events = receiver.events("LOGIN_FAILED")
    assert len({event["path"] for event in events}) == 5_000
    assert len({event["event_id"] for event in events}) == 5_000
    for emitter in emitters:
        assert "dropped: 0" in emitter.end()


@pytest.mark.parametrize(("kind", "host"), [("tcp", "127.0.0.1"), ("tcp", "::1"), ("http", "::1")])
def test_events_arrive_over_tcp_and_over_ipv6(tmp_path, start_emitter, kind, host):
    with FakeLogstash(tmp_path, kind, host).start() as receiver:
        start_emitter("a", receiver.url).emit(300).wait()
        receiver.wait_for(300)


@pytest.fixture
def certificate(tmp_path):
    """A self-signed certificate of localhost, with its key in the same file."""
    path = tmp_path / "certificate.pem"
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    run("openssl", "req", "-x509", *subject, *key, "-keyout", path, "-out", path)
    return path


def test_events_arrive_if_the_ca_file_has_the_certificate(tmp_path, start_emitter, certificate):
    with FakeLogstash(tmp_path, "https", certificate=certificate).start() as receiver:
        url = receiver.url.replace("127.0.0.1", "localhost")
        start_emitter("a", url, LOGSTASH_CA_FILE=str(certificate)).emit(3)
        receiver.wait_for(3)
        without = start_emitter("b", url).emit(3)
        wait_until(lambda: "Cannot deliver events to Logstash (SSLError)" in without.output())
        assert {event["path"][0] for event in receiver.events("LOGIN_FAILED")} == {"a"}


def test_events_wait_in_memory_if_the_folder_cannot_be_used(receiver, start_emitter, tmp_path):
    (tmp_path / "file").touch()
    folder = str(tmp_path / "file" / "queue")
    emitter = start_emitter("a", receiver.url, LOGSTASH_QUEUE_DIR=folder).emit(40)
    emitter.wait()
    receiver.start()
    receiver.wait_for(40)
    output = emitter.end()
    assert output.count("Cannot use LOGSTASH_QUEUE_DIR (NotADirectoryError)") == 1
    assert "Traceback" not in output
    assert "dropped: 0" in output
    [warning] = [e for e in receiver.events() if "LOGSTASH_QUEUE_DIR" in e["message"]]
    assert warning["level"] == "WARNING"


class NoTransport:
    def send(self, events):
        raise ConnectionError


class BrokenFormatter(logging.Formatter):
    def format(self, record):
        raise ValueError(record.getMessage())


def record_of(message, *args):
    return logging.LogRecord("x", logging.INFO, "", 0, message, args, None)


def test_record_that_cannot_be_formatted_is_counted_and_not_printed(capfd):
    before = lost_events.total()
    handler = LogstashHandler(NoTransport)
    handler.setFormatter(BrokenFormatter())
    for _ in range(3):
        handler.handle(record_of("%s", "secretword"))
    assert lost_events.total() == before + 3
    assert capfd.readouterr().err == "Cannot write a log record: ValueError\n"
    handler.close()


def test_fork_while_a_thread_starts_the_shipper_leaves_a_child_that_can_log(monkeypatch):
    started, go_on, parent = threading.Event(), threading.Event(), os.getpid()

    def make_slowly(*args):
        if os.getpid() == parent:
            started.set()
            go_on.wait(TIMEOUT_S)
        return EventQueue(10)

    monkeypatch.setattr(logstash, "EventQueue", make_slowly)
    handler = LogstashHandler(NoTransport)
    thread = threading.Thread(target=handler.handle, args=[record_of("message")])
    thread.start()
    started.wait(TIMEOUT_S)
    if not (child := os.fork()):
        signal.alarm(5)
        handler.handle(record_of("message"))
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    go_on.set()
    thread.join(TIMEOUT_S)
    handler.close()


def test_process_reports_events_that_end_with_its_memory(receiver, start_emitter):
    emitter = start_emitter("a", receiver.url).emit(40)
    emitter.wait()
    # Perhaps including the warning about it.
    assert re.search("4[01] events were not delivered to Logstash", emitter.end())


def test_process_ends_although_the_receiver_hangs(receiver, start_emitter):
    receiver.start()
    receiver.process.send_signal(signal.SIGSTOP)
    emitter = start_emitter("a", receiver.url).emit(40)
    emitter.wait()
    assert "events were not delivered" in emitter.end()


def test_next_process_delivers_the_events_on_disk_of_a_killed_one(
    receiver, start_emitter, tmp_path
):
    queue = {"LOGSTASH_QUEUE_DIR": str(tmp_path / "queue")}
    killed = start_emitter("a", receiver.url, **queue).emit(200)
    killed.wait()
    killed.process.kill()
    killed.process.wait(10)
    receiver.start()
    successor = start_emitter("b", receiver.url, **queue).emit(1)
    receiver.wait_for(201)
    assert "not delivered" not in successor.end()
    assert not list((tmp_path / "queue").iterdir())
