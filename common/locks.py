"""Locks between processes on one machine.

The operating system releases a lock when its process ends, even if it was killed, so no lock
is ever left behind.
"""

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


class Locked(Exception):
    """Another process holds the lock."""


def try_lock(stream: IO) -> bool:
    """Lock an open file until it is closed; return False if another process holds the lock."""
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def exclusive(
    path: Path, *, wait: bool = True, on_wait: Callable[[], object] = lambda: None
) -> Iterator[None]:
    """Hold the lock on a file, which is created if necessary.

    ::

        with exclusive(settings.VAR_DIR / "dataset.lock", on_wait=report_waiting):
            ...

    ``on_wait`` is called once if another process holds the lock.

    Raises
    ------
    Locked
        If another process holds the lock and ``wait`` is false.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as stream:
        if not try_lock(stream):
            if not wait:
                raise Locked(f"{path} is locked by another process")
            on_wait()
            fcntl.flock(stream, fcntl.LOCK_EX)
        yield
