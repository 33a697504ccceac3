"""What must not leave in a log line, whatever was logged."""

import re
import traceback
from functools import lru_cache
from types import TracebackType

MAX_CHARS = 500

_HIDDEN = (
    (re.compile(r"(?i)\b([a-z][a-z0-9+.-]*://)[^\s/@]*@"), r"\1[hidden]@"),
    (
        re.compile(
            r"(?i)\b((?:pass(?:word|wd)?|pwd|secret\w*|token|api[_-]?key|authorization|cookie"
            r"|sessionid|csrftoken)[\"']?\s*[=:]\s*)(?:(?:bearer|token|basic)\s+)?[^\s,;&\"']+"
        ),
        r"\1[hidden]",
    ),
    (re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"), "[address]"),
    (re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b"), "[address]"),
    (re.compile(r"(?<![\w:])(?:[0-9a-fA-F]{0,4}:){3,7}[0-9a-fA-F]{0,4}(?![\w:])"), "[address]"),
    # What PostgreSQL quotes of a row or a value, and what a query string brings.
    (re.compile(r"(?is)\b(DETAIL|CONTEXT|STATEMENT|LINE \d+):.*"), r"\1: [hidden]"),
    (re.compile(r"\?[^\s\"']+"), "?[hidden]"),
)


def scrub(text: str) -> str:
    """Without addresses, passwords, our own secrets and query strings; and not endless."""
    for secret in _secrets():
        text = text.replace(secret, "[hidden]")
    for pattern, instead in _HIDDEN:
        text = pattern.sub(instead, text)
    return text if len(text) <= MAX_CHARS else f"{text[:MAX_CHARS]}…"


@lru_cache(maxsize=1)
def _secrets() -> tuple[str, ...]:
    from django.conf import settings

    database = settings.DATABASES.get("default", {}).get("PASSWORD", "")
    known = (settings.SECRET_KEY, database, settings.METRICS_TOKEN)
    return tuple(secret for secret in known if secret and len(secret) >= 6)


def where(trace: TracebackType | None) -> str:
    """Files, lines and functions of a traceback. The values, and the message, may be a review's."""
    frames = traceback.extract_tb(trace)
    return "\n".join(f"{_short(f.filename)}:{f.lineno} in {f.name}" for f in frames[-20:])


def _short(path: str) -> str:
    return "/".join(path.split("/")[-3:])
