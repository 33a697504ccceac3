import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import CommandError
from django.db import DatabaseError

from mlmodel.error_summary import summarize
from mlmodel.sentiment.errors import SentimentError


@contextmanager
def summarize_errors() -> Iterator[None]:
    """Raise expected errors as a ``CommandError`` of one sentence."""
    try:
        yield
    except (SentimentError, OSError, DatabaseError) as error:
        raise CommandError(summarize(error)) from error


class Terminated(KeyboardInterrupt):
    """The process received SIGTERM, and stops as after Ctrl-C."""


@contextmanager
def stoppable(message: Callable[[], str]) -> Iterator[None]:
    """End the command with a sentence on Ctrl-C and on SIGTERM, after all blocks have ended.

    Without this, SIGTERM ends Python at once, as Kubernetes, Jenkins and systemd send it.
    """
    with _sigterm_raises():
        try:
            yield
        except KeyboardInterrupt as error:
            number = signal.SIGTERM if isinstance(error, Terminated) else signal.SIGINT
            # The exit codes that a shell reports for these signals.
            raise CommandError(message(), returncode=128 + number) from None


@contextmanager
def _sigterm_raises() -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():  # only that gets signals
        yield
        return

    def stop(*args: Any) -> None:
        raise Terminated

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
