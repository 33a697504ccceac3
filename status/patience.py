"""Questions that may hang: asked in a thread of their own, for which nobody waits for long.

A process that serves calls ``start``; everywhere else (commands, tests) they are asked at once.
"""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

from django.db import connections

T = TypeVar("T")

# A process has 8 threads: those who wait for an answer must leave some to others.
MAX_WAITING = 2
RECENT_S = 15.0

_is_serving = False


def start() -> None:
    global _is_serving
    _is_serving = True


class Patient(Generic[T]):
    """Asks one question, never twice at the same time."""

    def __init__(self, ask: Callable[[], T], patience_s: float) -> None:
        self._ask, self.patience_s = ask, patience_s
        self._lock = threading.Lock()
        self._seats = threading.BoundedSemaphore(MAX_WAITING)
        self._run: Future[T] | None = None
        self._asked_at = 0.0
        self._last: tuple[float, T] | None = None

    def answer(self) -> T | None:
        """What there is to know in time, or else None.

        Who finds all seats taken is told what somebody else was told a moment ago.
        """
        if not _is_serving:
            return self._ask()
        try:
            run, left_s = self._current()
        except RuntimeError:  # no thread can be started
            return None
        if left_s <= 0:
            return None
        if not self._seats.acquire(blocking=False):
            return self._recent()
        try:
            return run.result(left_s)
        except TimeoutError:
            return None
        finally:
            self._seats.release()

    def _current(self) -> tuple[Future[T], float]:
        with self._lock:
            if self._run is None or self._run.done():
                run: Future[T] = Future()
                # First: it fails where a process may have no more threads, and may have some later.
                threading.Thread(target=self._work, args=(run,), daemon=True).start()
                self._run, self._asked_at = run, time.monotonic()
            return self._run, self._asked_at + self.patience_s - time.monotonic()

    def _work(self, run: Future[T]) -> None:
        try:
            found = self._ask()
            self._last = time.monotonic(), found
            run.set_result(found)
        except BaseException as error:
            run.set_exception(error)
        finally:
            connections.close_all()

    def _recent(self) -> T | None:
        last = self._last
        return last[1] if last and time.monotonic() - last[0] < RECENT_S else None
