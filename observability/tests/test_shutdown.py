"""Told to stop, a worker finishes what it holds, and its events arrive."""

import signal
import socket

import pytest

from observability.tests.receiving import Receiver
from observability.tests.served import serve

BODY = b'{"text": "A film for a long evening."}'
HEAD = (
    b"POST /api/v1/predict/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    b"X-Request-ID: the-last-one\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(BODY)
)


@pytest.fixture
def receiver(tmp_path):
    made = Receiver(tmp_path)
    made.start()
    yield made
    made.stop()


def test_a_request_under_way_is_answered_and_its_events_arrive(tmp_path, receiver):
    with serve(tmp_path, LOGSTASH_URL=receiver.url, WEB_CONCURRENCY="1") as site:
        site.get("/healthz")
        with socket.create_connection(("127.0.0.1", site.port)) as visitor:
            visitor.sendall(HEAD + BODY[:5])
            site.get("/healthz")  # the worker has taken up the one before by now
            site.process.send_signal(signal.SIGTERM)
            visitor.sendall(BODY[5:])
            answer = b"".join(iter(lambda: visitor.recv(4096), b""))
        assert answer.startswith(b"HTTP/1.1 200")
        assert site.process.wait(30) == 0
    told = [e["event_type"] for e in receiver.all() if e["request_id"] == "the-last-one"]
    assert sorted(told) == ["PREDICTION", "REQUEST"]
