"""What must not leave in a log line, whatever was logged."""

import logging
import os
import re
import sys
import traceback
from contextlib import suppress
from functools import lru_cache
from types import TracebackType

MAX_CHARS = 500
READ_CHARS = 4 * MAX_CHARS  # a visitor may have sent the rest to keep us busy

# None looks at what is around an address, so that no neighbour, and no cut, uncovers one.
# What is tried at every character has an upper bound.
_HIDDEN = (
    # gunicorn's, of a request that is none: an address, and what was sent.
    (re.compile(r"(?s)\bfrom ip=.*"), "from [hidden]"),
    # What PostgreSQL quotes of a row or a value.
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
    # a::b goes, too, and 12:30:45 stays.
    (
        re.compile(r"(?i)[0-9a-f:]{0,40}::[0-9a-f:]{0,40}|(?:[0-9a-f]{1,4}:){3,7}[0-9a-f]{1,4}"),
        "[address]",
    ),
)


def scrub(text: str) -> str:
    """Without addresses, passwords, our own secrets and query strings; and not endless."""
    for secret in _secrets():
        text = text.replace(secret, "[hidden]")
    is_whole = len(text) <= READ_CHARS
    if not is_whole:  # half an address is none that could be seen: the last word goes
        text = text[:READ_CHARS].rpartition(" ")[0]
    for pattern, instead in _HIDDEN:
        text = pattern.sub(instead, text)
    return text if is_whole and len(text) <= MAX_CHARS else f"{text[:MAX_CHARS]}…"


@lru_cache(maxsize=1)
def _secrets() -> tuple[str, ...]:
    from django.conf import settings

    database = settings.DATABASES.get("default", {}).get("PASSWORD", "")
    known = (settings.SECRET_KEY, database, settings.METRICS_TOKEN)
    return tuple(secret for secret in known if secret and len(secret) >= 6)


class Discreet(logging.Handler):
    """A handler that says once for each kind of failure that a line was not written.

    Python's own prints the line's arguments each time, which may be a visitor's words.
    """

    _said: frozenset[str] = frozenset()

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        kind = type(sys.exc_info()[1]).__name__
        if kind not in self._said:
            self._said |= {kind}
            with suppress(OSError):  # where not even that can be written
                os.write(2, f"A line of the log was not written: {kind}\n".encode())


def where(trace: TracebackType | None) -> str:
    """Files, lines and functions of a traceback. The values, and the message, may be a review's."""
    frames = traceback.extract_tb(trace)
    return "\n".join(f"{short(f.filename)}:{f.lineno} in {f.name}" for f in frames[-20:])


def short(path: str) -> str:
    return "/".join(path.split("/")[-3:])
