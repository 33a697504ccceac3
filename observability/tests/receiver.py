"""Takes events as Logstash does, HTTP(S) or JSON lines over TCP, and notes them in a file.

Run as a process, so that it can hang (SIGSTOP), be killed, and come back.
"""

import json
import os
import socket
import socketserver
import ssl
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


host = sys.argv[5] if len(sys.argv) > 5 else "127.0.0.1"
certificate = sys.argv[6] if len(sys.argv) > 6 else ""
Server = Tcp if kind == "tcp" else ThreadingHTTPServer
if ":" in host:
    Server.address_family = socket.AF_INET6
server = Server((host, port), Lines if kind == "tcp" else Posts)
if certificate:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
print("ready", flush=True)  # noqa: T201
server.serve_forever()
