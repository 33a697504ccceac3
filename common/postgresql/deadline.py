"""An end to waiting for a server that no longer answers.

The server itself keeps ``statement_timeout``, and its kernel answers keepalives: where it is
stopped, or a proxy holds the line, neither ends a query. So a thread hangs up, and whoever waits
is told that the connection is broken.
"""

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg2
from django.db import connection, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.connection import ConnectionProxy

TICK_S = 0.25

_ends: dict[object, tuple[float, BaseDatabaseWrapper]] = {}
_lock = threading.Lock()
_some = threading.Event()
_thread: threading.Thread | None = None


@contextmanager
def briefly(seconds: float) -> Iterator[None]:
    """Neither a query nor waiting for one takes longer."""
    if connection.vendor != "postgresql":
        yield  # a transaction would wait for SQLite's write lock, and nobody is to wait for here
        return
    with deadline(connection, seconds), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = %s", [round(seconds * 1000)])
        yield


@contextmanager
def deadline(wrapper: BaseDatabaseWrapper, seconds: float) -> Iterator[None]:
    """Hang up if the block takes longer; on SQLite there is nobody to wait for."""
    if wrapper.vendor != "postgresql":
        yield
        return
    if isinstance(wrapper, ConnectionProxy):
        wrapper = connections[wrapper.alias]  # of this thread: the one that hangs up has its own
    ticket = object()
    with _lock:
        _start()
        _ends[ticket] = (time.monotonic() + seconds, wrapper)
    _some.set()
    try:
        yield
    finally:
        # Not while somebody hangs up: the socket's number might be another's by then.
        with _lock:
            del _ends[ticket]


def _start() -> None:
    global _thread
    if _thread is None:
        thread = threading.Thread(target=_run, name="deadlines", daemon=True)
        thread.start()  # fails where a process may have no more threads; the next one tries again
        _thread = thread


def _run() -> None:
    while True:
        _some.wait()
        time.sleep(TICK_S)
        with _lock:
            for at, wrapper in _ends.values():
                if at <= time.monotonic():
                    _hang_up(wrapper)
            if not _ends:
                _some.clear()


def _hang_up(wrapper: BaseDatabaseWrapper) -> None:
    raw = wrapper.connection
    # None while it connects, for which connect_timeout is there: the next tick looks again.
    if raw is not None:
        with suppress(psycopg2.Error, OSError), socket.socket(fileno=os.dup(raw.fileno())) as line:
            line.shutdown(socket.SHUT_RDWR)


def _forget() -> None:
    global _lock, _some, _thread
    _lock, _some, _thread = threading.Lock(), threading.Event(), None
    _ends.clear()


os.register_at_fork(after_in_child=_forget)
