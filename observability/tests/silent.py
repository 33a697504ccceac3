"""A line to PostgreSQL that can fall silent: it takes whatever comes."""

import socket
import threading
from contextlib import suppress


class Line:
    """Forwards to ``target`` while it ``speaks``; without a target it never does."""

    def __init__(self, target=None):
        self.target, self.speaks = target, threading.Event()
        if target:
            self.speaks.set()
        self.held = []

    def __enter__(self):
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *args):
        for line in [self.listener, *self.held]:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
            line.close()
        self.speaks.set()

    def _accept(self):
        with suppress(OSError):
            while True:
                near, _ = self.listener.accept()
                self.held.append(near)
                threading.Thread(target=self._join, args=(near,), daemon=True).start()

    def _join(self, near):
        self.speaks.wait()
        if self.target:
            with suppress(OSError):
                far = self._reach()
                self.held.append(far)
                threading.Thread(target=self._carry, args=(near, far), daemon=True).start()
                self._carry(far, near)

    def _reach(self):
        if isinstance(self.target, tuple):
            return socket.create_connection(self.target)
        far = socket.socket(socket.AF_UNIX)
        far.connect(self.target)
        return far

    def _carry(self, source, sink):
        with suppress(OSError):
            while piece := source.recv(65536):
                self.speaks.wait()
                sink.sendall(piece)
        for line in (source, sink):
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
