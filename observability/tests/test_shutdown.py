"""On SIGTERM a worker finishes its requests and delivers its events."""

import signal
import socket

import pytest

from observability.tests.fake_logstash import FakeLogstash
from observability.tests.live_server import serve

BODY = b'{"text": "A movie for a long evening."}'
HEAD = (
    b"POST /api/v1/predict/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    b"X-Request-ID: the-last-one\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(BODY)
)


@pytest.fixture
def receiver(tmp_path):
    with FakeLogstash(tmp_path).start() as receiver:
        yield receiver


def test_request_in_progress_is_answered_and_its_events_arrive(tmp_path, receiver):
    with serve(tmp_path, LOGSTASH_URL=receiver.url, WEB_CONCURRENCY="1") as site:
        site.get("/healthz")
        with socket.create_connection(("127.0.0.1", site.port)) as visitor:
            visitor.sendall(HEAD + BODY[:5])
            site.get("/healthz")  # by now the worker has accepted the connection
            site.process.send_signal(signal.SIGTERM)
            visitor.sendall(BODY[5:])
            answer = b"".join(iter(lambda: visitor.recv(4096), b""))
        assert answer.startswith(b"HTTP/1.1 200")
        assert site.process.wait(30) == 0
    types = [e["event_type"] for e in receiver.events() if e["request_id"] == "the-last-one"]
    assert sorted(types) == ["PREDICTION", "REQUEST"]
