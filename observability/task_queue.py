"""Small work that may be done a moment later: no visitor waits for a log line or a counter.

A process that serves calls ``start``; everywhere else (commands, tests) the work is done at once.
"""

import atexit
import logging
import os
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

logger = logging.getLogger(__name__)

LIMIT = 50_000  # pieces of work; some 20 MB
PAUSE_S = 0.05
CHUNK = 20  # then a thread that answers a visitor may have its turn
BREATH_S = 0.0002

_pending: deque[tuple[Callable[..., None], tuple[Any, ...]]] = deque()
_thread: threading.Thread | None = None
_stop = threading.Event()
_draining = threading.RLock()
n_lost = 0


def defer(work: Callable[..., None], *args: Any) -> None:
    """Have it done soon, in the background; about a microsecond."""
    global n_lost
    if _thread is None:
        work(*args)
    elif len(_pending) < LIMIT:
        _pending.append((work, args))
    else:
        from observability.drops import DROPPED

        n_lost += 1
        DROPPED.inc()


def start() -> None:
    """After the fork: a thread does not survive one."""
    global _thread
    if _thread is None:
        _stop.clear()
        _thread = threading.Thread(target=_run, name="background", daemon=True)
        _thread.start()
        atexit.register(stop)  # called before logging's own, which closes the handlers


def stop() -> None:
    """Do what waits, and from here on everything at once."""
    global _thread
    thread, _thread = _thread, None
    if thread is not None:
        _stop.set()
        thread.join(1.0)
        drain()
        atexit.unregister(stop)


def drain() -> None:
    """Do all that waits now."""
    if not _draining.acquire(timeout=1.0):
        return  # who holds it hangs on a console that nobody reads
    try:
        for _ in range(len(_pending)):
            _do(*_pending.popleft())
    finally:
        _draining.release()


def _run() -> None:
    while not _stop.wait(PAUSE_S):
        while _pending and not _stop.is_set():
            with _draining:
                for _ in range(min(CHUNK, len(_pending))):
                    _do(*_pending.popleft())
            time.sleep(BREATH_S)


def _do(work: Callable[..., None], args: tuple[Any, ...]) -> None:
    try:
        work(*args)
    except Exception as error:  # the thread lives as long as its process
        logger.error("the background failed at its work: %s", type(error).__name__)


def _forget() -> None:
    global _thread, _draining
    _thread, _draining = None, threading.RLock()
    _pending.clear()  # the parent does it


os.register_at_fork(after_in_child=_forget)
