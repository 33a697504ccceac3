"""Logs: readable on a laptop, JSON lines in production, and to Logstash where there is one."""

import json
import logging
import logging.config
import os
import socket
from datetime import UTC, datetime
from http.client import responses
from typing import Any

from observability.events import new_event_id, request_id
from observability.logstash import logstash_handler
from observability.redaction import Discreet, scrub, short, where

_USUAL = set(vars(logging.makeLogRecord({}))) | {
    *("message", "asctime", "request_id", "server_time", "json_line"),
    *("event_type", "fields", "is_ours"),
}
_HOST = socket.gethostname()
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=str).encode
# Templates of ours, which name nobody; what others log may quote what a visitor sent.
OURS = {
    *("common", "observability", "movies", "mlmodel", "reviews"),
    *("accounts", "seo", "status", "rottenpotatoes"),
}
PROBES = {"healthz", "readyz", "startupz"}


def configure(config: dict[str, Any]) -> None:
    """``settings.LOGGING_CONFIG``: level, readable, logstash_url and how to ship there."""
    handlers: dict[str, dict[str, Any]] = {
        "console": {
            "class": "observability.logging.Console",
            "formatter": "readable" if config["readable"] else "json",
            "filters": ["request_id", *(["unsaid"] if config["readable"] else [])],
        }
    }
    if config["logstash_url"]:
        handlers["logstash"] = {
            **logstash_handler(
                config["logstash_url"],
                queue_dir=config.get("queue_dir", ""),
                limit=config.get("queue_limit", 50_000),
                ca_file=config.get("ca_file", ""),
            ),
            "formatter": "json",
            "filters": ["request_id"],
        }
    logging.captureWarnings(not config["readable"])
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "filters": {"request_id": {"()": RequestIdFilter}, "unsaid": {"()": UnsaidFilter}},
            "formatters": {"json": {"()": JsonFormatter}, "readable": {"()": ReadableFormatter}},
            "handlers": handlers,
            "root": {"handlers": list(handlers), "level": config["level"]},
            "loggers": {
                # Django gives these handlers of their own; every line would come twice.
                "django": {"handlers": [], "level": config["level"]},
                "django.server": {"handlers": [], "level": config["level"], "propagate": True},
                # At DEBUG it logs queries with what is in them: reviews.
                "django.db.backends": {"level": "WARNING"},
                # It reports every delivery to Logstash, which would be delivered too.
                "urllib3": {"level": "WARNING"},
            },
        }
    )


class Console(Discreet, logging.StreamHandler):
    pass


class RequestIdFilter(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        # Django logs an answer when the middlewares, and so the request's id, are done with.
        of_request = getattr(getattr(record, "request", None), "request_id", "")
        record.request_id = getattr(record, "request_id", "") or request_id.get() or of_request
        return True


class UnsaidFilter(logging.Filter):
    """A command that failed has said why: for a person that is enough."""

    def filter(self, record: logging.LogRecord) -> bool:
        return "command" not in getattr(record, "fields", {})


class JsonFormatter(logging.Formatter):
    """An event as one line of JSON; every line of the log becomes one."""

    def format(self, record: logging.LogRecord) -> str:
        line = getattr(record, "json_line", "")
        if not line:  # kept: the console and Logstash get the same, with the same id
            line = record.json_line = _encode(as_event(record))
        return line


def as_event(record: logging.LogRecord) -> dict[str, Any]:
    name, level = getattr(record, "event_type", ""), _level(record)
    timestamp = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
    entry = {
        "@timestamp": timestamp.replace("+00:00", "Z"),
        "event_id": new_event_id(),
        "event_type": name or ("ERROR" if level >= logging.ERROR else "LOG"),
        "level": logging.getLevelName(level),
        "message": record.msg if name else _message(record),
        "request_id": getattr(record, "request_id", ""),
        "process": f"{_HOST}:{os.getpid()}",
    }
    return entry | (record.fields if name else _line(record))  # type: ignore[attr-defined]


def _level(record: logging.LogRecord) -> int:
    """A visitor who asks for nonsense, and a probe that says "not yet", are no errors of ours."""
    is_warning = record.name.startswith("django.security.") or _route(record) in PROBES
    return min(record.levelno, logging.WARNING) if is_warning else record.levelno


def _route(record: logging.LogRecord) -> str | None:
    match = getattr(getattr(record, "request", None), "resolver_match", None)
    return match.view_name if match else None


def _message(record: logging.LogRecord) -> str:
    package, _, rest = record.name.partition(".")
    if package in OURS or getattr(record, "is_ours", False):
        return scrub(record.getMessage())
    if package == "django" and rest.startswith("security."):
        # Its lines quote the host, the path or the form that it refused.
        return f"Refused: {rest.removeprefix('security.')}"
    if record.name == "py.warnings":
        place, _, text = record.getMessage().partition(": ")
        return f"{text.partition(':')[0]} at {short(place)}"
    if (status := getattr(record, "status_code", None)) in responses:
        return f"{responses[status]} ({status})"
    if not isinstance(record.msg, str):
        return type(record.msg).__name__  # an exception, logged as it is
    if record.args and all(isinstance(value, int | float) for value in record.args):
        return scrub(record.getMessage())
    # The template alone: with its arguments it may quote a path, a host, a form.
    return scrub(record.msg)


def _line(record: logging.LogRecord) -> dict[str, Any]:
    fields: dict[str, Any] = {"logger": record.name}
    if route := _route(record):
        fields["path"] = route
    if isinstance(status := getattr(record, "status_code", None), int):
        fields["status"] = status
    if record.exc_info and record.exc_info[0]:
        fields["error_type"] = record.exc_info[0].__name__
        fields["traceback"] = where(record.exc_info[2])
    return fields


def facts(record: logging.LogRecord) -> dict[str, object]:
    """What an event says, or what was given as ``extra``, as far as it is plain."""
    plain = (str, int, float, bool, type(None))
    extras = {k: v for k, v in vars(record).items() if k not in _USUAL and isinstance(v, plain)}
    return extras | getattr(record, "fields", {})


class ReadableFormatter(logging.Formatter):
    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(message)s", datefmt="%H:%M:%S")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        words = [super().formatMessage(record), getattr(record, "event_type", "")]
        words += [f"{k}={v}" for k, v in facts(record).items() if v is not None]
        return " ".join(filter(None, words))
