"""Events reach a real receiver, whatever happens to it, and each of them once by its id."""

import logging
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings

from observability.event_queue import MemoryQueue
from observability.logstash import LogstashHandler
from observability.tests.receiving import HERE, PATIENCE_S, Receiver, wait_until


class Teller:
    def __init__(self, name, url, **variables):
        # A file: a pipe that nobody reads fills up, and the console with it.
        self.console = tempfile.TemporaryFile("w+")  # noqa: SIM115
        self.process = subprocess.Popen(
            [sys.executable, str(HERE / "teller.py"), name],
            cwd=settings.BASE_DIR,
            env=os.environ
            | {"LOGSTASH_URL": url, "PYTHONPATH": str(settings.BASE_DIR), "DEBUG": "true"}
            | variables,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.console,
            text=True,
        )

    def tell(self, n):
        self.process.stdin.write(f"{n}\n")
        self.process.stdin.flush()

    def has_told(self):
        line = self.process.stdout.readline()
        assert line, self.said()
        return int(line)

    def said(self):
        self.console.seek(0)
        return self.console.read()

    def end(self):
        """What it wrote to its console."""
        self.process.stdin.close()
        assert self.process.wait(PATIENCE_S) == 0, self.said()
        return self.said()


@pytest.fixture
def receiver(tmp_path):
    made = Receiver(tmp_path)
    yield made
    made.stop()


@pytest.fixture
def tell(request):
    with ExitStack() as stack:

        def start(name, url, **variables):
            teller = Teller(name, url, **variables)
            stack.callback(teller.process.kill)
            return teller

        yield start


def all_tell(tellers, n):
    for teller in tellers:
        teller.tell(n)
    for teller in tellers:
        teller.has_told()


@pytest.mark.parametrize("on_disk", [False, True])
def test_5000_events_of_three_processes_arrive_whatever_happens_to_the_receiver(
    receiver, tell, tmp_path, on_disk
):
    queue = {"LOGSTASH_QUEUE_DIR": str(tmp_path / "queue")} if on_disk else {}
    tellers = [tell(name, receiver.url, **queue) for name in "abc"]
    all_tell(tellers, 500)  # nobody listens
    receiver.start()
    receiver.wait_for(1_500)
    receiver.process.send_signal(signal.SIGSTOP)  # it listens, and never answers
    all_tell(tellers, 500)
    receiver.process.send_signal(signal.SIGCONT)
    receiver.wait_for(3_000)
    receiver.stop()
    receiver.start(crash_after=300)  # it breaks in the middle of a batch
    all_tell(tellers, 400)
    receiver.process.wait(PATIENCE_S)
    all_tell(tellers, 266)
    tellers[0].tell(2)
    receiver.start()
    receiver.wait_for(5_000)
    taken = receiver.taken()
    assert len({event["path"] for event in taken}) == 5_000
    assert len({event["event_id"] for event in taken}) == 5_000
    for teller in tellers:
        assert "lost" not in teller.end()


def test_over_tcp_events_arrive_too(tmp_path, tell):
    receiver = Receiver(tmp_path, "tcp")
    receiver.start()
    teller = tell("a", receiver.url)
    teller.tell(300)
    receiver.wait_for(300)
    assert len(receiver.taken()) == 300
    teller.end()
    receiver.stop()


@pytest.mark.parametrize("kind", ["http", "tcp"])
def test_a_receiver_may_have_an_ipv6_address(tmp_path, tell, kind):
    receiver = Receiver(tmp_path, kind, host="::1")
    receiver.start()
    teller = tell("a", receiver.url)
    teller.tell(3)
    receiver.wait_for(3)
    teller.end()
    receiver.stop()


@pytest.fixture
def certificate(tmp_path):
    """Of localhost, signed by itself; the key stands in the same file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(names, critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "certificate.pem"
    pem, no_password = serialization.Encoding.PEM, serialization.NoEncryption()
    path.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, no_password)
        + made.public_bytes(pem)
    )
    return path


def test_a_receiver_may_have_a_certificate_of_a_private_authority(tmp_path, tell, certificate):
    receiver = Receiver(tmp_path, "https", certificate=certificate)
    receiver.start()
    url = receiver.url.replace("127.0.0.1", "localhost")
    tell("a", url, LOGSTASH_CA_FILE=str(certificate)).tell(3)
    receiver.wait_for(3)
    distrusts = tell("b", url)
    distrusts.tell(3)
    wait_until(lambda: "Logstash takes nothing (SSLError)" in distrusts.said())
    assert {event["path"][0] for event in receiver.taken()} == {"a"}
    receiver.stop()


def test_where_the_folder_cannot_be_used_events_wait_in_memory(receiver, tell, tmp_path):
    (tmp_path / "file").touch()
    teller = tell("a", receiver.url, LOGSTASH_QUEUE_DIR=str(tmp_path / "file" / "queue"))
    teller.tell(40)
    teller.has_told()
    receiver.start()
    receiver.wait_for(40)
    said = teller.end()
    assert said.count("LOGSTASH_QUEUE_DIR is of no use (NotADirectoryError)") == 1
    assert "Traceback" not in said
    assert "'dropped': 0" in said
    [warning] = [e for e in receiver.all() if "LOGSTASH_QUEUE_DIR" in e["message"]]
    assert warning["level"] == "WARNING"


def test_a_line_that_cannot_be_queued_is_counted_and_not_shown(capfd):
    handler = LogstashHandler(host="localhost", port=1, transport="observability.logstash.TcpLines")
    handler.setFormatter(Stumbling())
    for _ in range(3):
        handler.handle(logging.LogRecord("x", logging.INFO, "", 0, "%s", ("secretword",), None))
    assert handler.state() == {"waiting": 0, "dropped": 3}
    assert capfd.readouterr().err == "A line of the log was not written: ValueError\n"
    handler.close()


def test_a_fork_while_a_thread_starts_the_shipper_leaves_a_process_that_can_log(monkeypatch):
    started, go_on, parent = threading.Event(), threading.Event(), os.getpid()

    def make_slowly(handler):
        if os.getpid() == parent:
            started.set()
            go_on.wait(PATIENCE_S)
        return MemoryQueue(10)

    monkeypatch.setattr(LogstashHandler, "_make_queue", make_slowly)
    handler = LogstashHandler(host="localhost", port=1, transport="observability.logstash.TcpLines")
    record = logging.LogRecord("x", logging.INFO, "", 0, "told", (), None)
    thread = threading.Thread(target=handler.handle, args=[record])
    thread.start()
    started.wait(PATIENCE_S)
    if not (child := os.fork()):
        signal.alarm(5)
        handler.handle(record)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    go_on.set()
    thread.join(PATIENCE_S)
    handler.close()


class Stumbling(logging.Formatter):
    def format(self, record):
        raise ValueError(record.getMessage())


def test_what_waits_in_memory_is_counted_when_the_process_ends(receiver, tell):
    teller = tell("a", receiver.url)
    teller.tell(40)
    teller.has_told()
    # Perhaps with the line that says so.
    assert re.search("4[01] events were not taken by Logstash, and are lost", teller.end())


def test_a_receiver_that_hangs_does_not_keep_a_process_from_ending(receiver, tell):
    receiver.start()
    receiver.process.send_signal(signal.SIGSTOP)
    teller = tell("a", receiver.url)
    teller.tell(40)
    teller.has_told()
    assert "events were not taken" in teller.end()


def test_what_waits_on_disk_is_sent_by_the_next_process(receiver, tell, tmp_path):
    queue = {"LOGSTASH_QUEUE_DIR": str(tmp_path / "queue")}
    killed = tell("a", receiver.url, **queue)
    killed.tell(200)
    killed.has_told()
    killed.process.kill()
    killed.process.wait(10)
    receiver.start()
    heir = tell("b", receiver.url, **queue)
    heir.tell(1)
    receiver.wait_for(201)
    assert "lost" not in heir.end()
    assert not list((tmp_path / "queue").iterdir())
