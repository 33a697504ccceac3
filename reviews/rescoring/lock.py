"""A lock that allows one rescoring at a time, on whichever machine it runs."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection

from common.locks import Locked, exclusive

LOCK_KEY = 7_346_112_505  # an arbitrary number that no other advisory lock uses


@contextmanager
def rescoring_lock() -> Iterator[None]:
    """Hold the lock, which is released when the process ends.

    Raises
    ------
    Locked
        If another process is rescoring this database.
    """
    if connection.vendor == "postgresql":
        lock = _advisory_lock()
    else:
        lock = exclusive(settings.VAR_DIR / "rescore.lock", wait=False)
    with lock:
        yield


@contextmanager
def _advisory_lock() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK_KEY])
        if not cursor.fetchone()[0]:
            raise Locked("another process is rescoring this database")
    try:
        yield
    finally:
        # A lost connection has released the lock already.
        if connection.connection and connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK_KEY])
