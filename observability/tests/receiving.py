"""A receiver of events that tests can start, stop and ask."""

import json
import socket
import subprocess
import sys
from pathlib import Path

from tests.support import wait_until

HERE = Path(__file__).parent
PATIENCE_S = 60


class Receiver:
    """A process at a fixed port; what it took stays when it is gone."""

    def __init__(self, folder, kind="http", host="127.0.0.1", certificate=""):
        self.kind, self.notes, self.process = kind, folder / "taken.jsonl", None
        self.host, self.certificate = host, str(certificate)
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.create_server((host, 0), family=family) as probe:
            self.port = probe.getsockname()[1]
        self.notes.touch()

    @property
    def url(self):
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.kind}://{host}:{self.port}"

    def start(self, crash_after=0):
        command = [sys.executable, str(HERE / "receiver.py"), self.kind, str(self.port)]
        self.process = subprocess.Popen(
            [*command, str(self.notes), str(crash_after), self.host, self.certificate],
            stdout=subprocess.PIPE,
        )
        assert self.process.stdout.readline() == b"ready\n"

    def stop(self):
        if self.process:
            self.process.kill()
            self.process.wait(10)
            self.process.stdout.close()

    def all(self):
        return [json.loads(line) for line in self.notes.read_text().splitlines()]

    def taken(self):
        return [event for event in self.all() if event["event_type"] == "LOGIN_FAILED"]

    def wait_for(self, n):
        wait_until(lambda: len({e["event_id"] for e in self.taken()}) >= n)
