"""One rescoring at a time, whichever machine it runs on."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection

LOCK_KEY = 7_346_112_505  # any number, as long as nobody else locks it


class AlreadyRescoring(Exception):
    """Another process rescores this database."""


@contextmanager
def alone() -> Iterator[None]:
    """No other rescoring begins within the block; the lock ends with the process, however."""
    lock = _in_database if connection.vendor == "postgresql" else _in_file
    with lock():
        yield


@contextmanager
def _in_database() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK_KEY])
        if not cursor.fetchone()[0]:
            raise AlreadyRescoring
    try:
        yield
    finally:
        if connection.connection and connection.is_usable():  # else it went with the connection
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK_KEY])


@contextmanager
def _in_file() -> Iterator[None]:
    settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
    with (settings.VAR_DIR / "rescore.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise AlreadyRescoring from error
        yield
