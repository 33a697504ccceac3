"""One process at a time, on this machine."""

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings


@contextmanager
def only_one(name: str, *, waiting: Callable[[], object] = lambda: None) -> Iterator[Path]:
    """Hold the lock of that name; whoever comes second is told so, and waits.

    The system lets go of it when the process ends, however it ends: a killed one
    leaves nothing to clear away.
    """
    path = settings.VAR_DIR / f"{name}.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waiting()
            fcntl.flock(stream, fcntl.LOCK_EX)
        yield path
