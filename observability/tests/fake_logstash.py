"""A receiver of events, HTTP(S) or JSON lines over TCP, that writes them to a file.

It runs as a process, so that it can hang (SIGSTOP), be killed, and be started again.
"""

import json
import os
import socket
import socketserver
import ssl
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

from tests.support import free_port, wait_until


class FakeLogstash:
    """Controls the process. Port and received events stay when it is stopped."""

    def __init__(self, folder, kind="http", host="127.0.0.1", certificate=""):
        self.kind, self.host, self.certificate = kind, host, str(certificate)
        self.path, self.process, self.port = folder / "received.jsonl", None, free_port(host)
        self.path.touch()

    @property
    def url(self):
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.kind}://{host}:{self.port}"

    def start(self, crash_after=0):
        options = {**vars(self), "path": str(self.path), "process": None}
        options["crash_after"] = crash_after
        self.process = subprocess.Popen(
            [sys.executable, "-m", "observability.tests.fake_logstash", json.dumps(options)],
            cwd=Path(__file__).parents[2],
            stdout=subprocess.PIPE,
        )
        assert self.process.stdout.readline() == b"ready\n"
        return self

    def stop(self):
        if self.process:
            self.process.kill()
            self.process.wait(10)
            self.process.stdout.close()

    def __enter__(self):
        return self

    def __exit__(self, *args):
        self.stop()

    def events(self, event_type=None):
        received = [json.loads(line) for line in self.path.read_text().splitlines()]
        return [e for e in received if event_type in (None, e["event_type"])]

    def messages(self):
        return [event["message"] for event in self.events()]

    def wait_for(self, n):
        """Wait for the events of ``emit_events.py``; repeated deliveries count once."""
        wait_until(lambda: len({e["event_id"] for e in self.events("LOGIN_FAILED")}) >= n)


class Recorder:
    def __init__(self, path, crash_after):
        self.file, self.crash_after = open(path, "a", buffering=1), crash_after  # noqa: SIM115
        self.lock, self.n_received = threading.Lock(), 0

    def record(self, events):
        with self.lock:
            for event in events:
                self.file.write(json.dumps(event) + "\n")
                self.n_received += 1
                if self.n_received == self.crash_after:
                    os._exit(1)  # in the middle of a batch, without a response


class PostHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.recorder.record(json.loads(body))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args):
        pass


class LineHandler(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            self.server.recorder.record([json.loads(line)])


class TcpServer(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


def main():
    options = SimpleNamespace(**json.loads(sys.argv[1]))
    kind = (TcpServer, LineHandler) if options.kind == "tcp" else (ThreadingHTTPServer, PostHandler)
    server_class, handler = kind
    if ":" in options.host:
        server_class.address_family = socket.AF_INET6
    server = server_class((options.host, options.port), handler)
    server.recorder = Recorder(options.path, options.crash_after)
    if options.certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(options.certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    print("ready", flush=True)  # noqa: T201
    server.serve_forever()


if __name__ == "__main__":
    main()
