"""Takes events as Logstash does, HTTP or JSON lines over TCP, and notes their ids in a file.

Run as a process, so that it can hang (SIGSTOP), be killed, and come back.
"""

import json
import os
import socketserver
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

kind, port, path, crash_after = sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4])
notes = open(path, "a", buffering=1)  # noqa: SIM115
lock = threading.Lock()
n_taken = 0


def take(events):
    global n_taken
    with lock:
        for event in events:
            notes.write(json.dumps(event) + "\n")
            n_taken += 1
            if n_taken == crash_after:
                os._exit(1)  # in the middle of a batch, without an answer


class Posts(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        take(json.loads(body))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *args):
        pass


class Lines(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            take([json.loads(line)])


class Tcp(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


if kind == "tcp":
    server = Tcp(("127.0.0.1", port), Lines)
else:
    server = ThreadingHTTPServer(("127.0.0.1", port), Posts)
print("ready", flush=True)  # noqa: T201
server.serve_forever()
