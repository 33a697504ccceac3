"""Removal of addresses, passwords and visitors' words from log records."""

import logging
import os
import re
import sys
import traceback
from contextlib import suppress
from functools import lru_cache
from types import TracebackType

from django.conf import settings

MAX_CHARS = 500
READ_CHARS = (
    4 * MAX_CHARS
)  # the input of the patterns; a visitor may have sent a long text to slow us down

# No pattern depends on the text around an address, so that neither it nor a cut reveals one.
# Repetitions have an upper bound, so that the time is linear in the length of the text.
_HIDDEN = (
    # gunicorn's message about an invalid request: the address, and what was sent.
    (re.compile(r"(?s)\bfrom ip=.*"), "from [hidden]"),
    # PostgreSQL's messages quote rows and values.
    (re.compile(r"(?is)\b(DETAIL|CONTEXT|STATEMENT|LINE \d+):.*"), r"\1: [hidden]"),
    (re.compile(r"://[^\s/]*@"), "://[hidden]@"),
    (
        re.compile(
            r"(?i)\b((?:pass(?:word|wd)?|pwd|secret\w*|token|api[_-]?key|authorization|cookie"
            r"|sessionid|csrftoken)[\"']?\s*[=:]\s*)(?:(?:bearer|token|basic)\s+)?[^\s,;&\"']+"
        ),
        r"\1[hidden]",
    ),
    (re.compile(r"\?[^\s\"']+"), "?[hidden]"),
    (re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w-]+(?:\.[\w-]+)+"), "[address]"),
    (re.compile(r"\d{1,3}(?:\.\d{1,3}){3}"), "[address]"),
    # Hides a::b as well, but not 12:30:45.
    (
        re.compile(r"(?i)[0-9a-f:]{0,40}::[0-9a-f:]{0,40}|(?:[0-9a-f]{1,4}:){3,7}[0-9a-f]{1,4}"),
        "[address]",
    ),
)


def redact(text: str) -> str:
    """Hide addresses, passwords, our own secrets and query strings, and limit the length."""
    for secret in _secrets():
        text = text.replace(secret, "[hidden]")
    is_whole = len(text) <= READ_CHARS
    if not is_whole:  # no pattern recognizes half an address: cut before the last word
        text = text[:READ_CHARS].rpartition(" ")[0]
    for pattern, replacement in _HIDDEN:
        text = pattern.sub(replacement, text)
    return text if is_whole and len(text) <= MAX_CHARS else f"{text[:MAX_CHARS]}…"


@lru_cache(maxsize=1)
def _secrets() -> tuple[str, ...]:
    database = settings.DATABASES.get("default", {}).get("PASSWORD", "")
    secrets = (settings.SECRET_KEY, database, settings.METRICS_TOKEN)
    return tuple(secret for secret in secrets if secret and len(secret) >= 6)


class SafeErrorHandler(logging.Handler):
    """A handler that reports each type of error once.

    Python's default prints the arguments of the record, which may be a visitor's words.
    """

    _reported: frozenset[str] = frozenset()

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        kind = type(sys.exc_info()[1]).__name__
        if kind not in self._reported:
            self._reported |= {kind}
            with suppress(OSError):
                os.write(2, f"Cannot write a log record: {kind}\n".encode())


def format_traceback(trace: TracebackType | None) -> str:
    """Return files, lines and functions; values and the message may quote a review."""
    frames = traceback.extract_tb(trace)
    return "\n".join(f"{shorten_path(f.filename)}:{f.lineno} in {f.name}" for f in frames[-20:])


def shorten_path(path: str) -> str:
    return "/".join(path.split("/")[-3:])
