"""Logging: readable with DEBUG, JSON lines in production, and to Logstash if it is configured."""

import json
import logging
import logging.config
import os
import socket
from datetime import UTC, datetime
from http.client import responses
from typing import Any

from observability.events import new_event_id, request_id
from observability.logstash import handler_config
from observability.redaction import SafeErrorHandler, format_traceback, redact, shorten_path

_STANDARD = set(vars(logging.makeLogRecord({}))) | {
    *("message", "asctime", "request_id", "server_time", "json_line"),
    *("event_type", "fields", "is_ours"),
}
_HOST = socket.gethostname()
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=str).encode
# Our messages contain no personal data; those of other packages may quote what a visitor sent.
OUR_PACKAGES = {
    *("common", "observability", "movies", "mlmodel", "reviews"),
    *("accounts", "seo", "status", "rottenpotatoes"),
}
PROBES = {"healthz", "readyz", "startupz"}


def configure(config: dict[str, Any]) -> None:
    """Set up logging by ``settings.LOGGING``; this is ``settings.LOGGING_CONFIG``."""
    handlers: dict[str, dict[str, Any]] = {
        "console": {
            "class": "observability.logging.Console",
            "formatter": "readable" if config["readable"] else "json",
            "filters": ["request_id", *(["failed_command"] if config["readable"] else [])],
        }
    }
    if config["logstash_url"]:
        handlers["logstash"] = {
            **handler_config(
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
            "filters": {
                "request_id": {"()": RequestIdFilter},
                "failed_command": {"()": FailedCommandFilter},
            },
            "formatters": {"json": {"()": JsonFormatter}, "readable": {"()": ReadableFormatter}},
            "handlers": handlers,
            "root": {"handlers": list(handlers), "level": config["level"]},
            "loggers": {
                # Django adds handlers to these; every record would be logged twice.
                "django": {"handlers": [], "level": config["level"]},
                "django.server": {"handlers": [], "level": config["level"], "propagate": True},
                # At DEBUG it logs queries with their parameters: reviews.
                "django.db.backends": {"level": "WARNING"},
                # It logs each delivery to Logstash, which would be delivered, too.
                "urllib3": {"level": "WARNING"},
            },
        }
    )


class Console(SafeErrorHandler, logging.StreamHandler):
    pass


class RequestIdFilter(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        # Django logs a response after RequestIdMiddleware has finished.
        id_of_request = getattr(getattr(record, "request", None), "request_id", "")
        record.request_id = getattr(record, "request_id", "") or request_id.get() or id_of_request
        return True


class FailedCommandFilter(logging.Filter):
    """Hides the event of a failed command from people: they see its error message."""

    def filter(self, record: logging.LogRecord) -> bool:
        return "command" not in getattr(record, "fields", {})


class JsonFormatter(logging.Formatter):
    """Formats every log record as an event: one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        line = getattr(record, "json_line", "")
        if not line:  # cached, so that the console and Logstash have the same event_id
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
    """Log at most a warning for an invalid request and for a probe that is not ready."""
    is_warning = record.name.startswith("django.security.") or _route(record) in PROBES
    return min(record.levelno, logging.WARNING) if is_warning else record.levelno


def _route(record: logging.LogRecord) -> str | None:
    match = getattr(getattr(record, "request", None), "resolver_match", None)
    return match.view_name if match else None


def _message(record: logging.LogRecord) -> str:
    package, _, rest = record.name.partition(".")
    if package in OUR_PACKAGES or getattr(record, "is_ours", False):
        return redact(record.getMessage())
    if package == "django" and rest.startswith("security."):
        # These quote the host, path or form.
        return f"Refused: {rest.removeprefix('security.')}"
    if record.name == "py.warnings":
        place, _, text = record.getMessage().partition(": ")
        return f"{text.partition(':')[0]} at {shorten_path(place)}"
    if (status := getattr(record, "status_code", None)) in responses:
        return f"{responses[status]} ({status})"
    if not isinstance(record.msg, str):
        return type(record.msg).__name__  # an exception as the message
    if record.args and all(isinstance(value, int | float) for value in record.args):
        return redact(record.getMessage())
    # Without the arguments, which may be a path, a host or a form.
    return redact(record.msg)


def _line(record: logging.LogRecord) -> dict[str, Any]:
    fields: dict[str, Any] = {"logger": record.name}
    if route := _route(record):
        fields["path"] = route
    if isinstance(status := getattr(record, "status_code", None), int):
        fields["status"] = status
    if record.exc_info and record.exc_info[0]:
        fields["error_type"] = record.exc_info[0].__name__
        fields["traceback"] = format_traceback(record.exc_info[2])
    return fields


def extra_fields(record: logging.LogRecord) -> dict[str, object]:
    """Return the fields of an event, and ``extra`` values of simple types."""
    plain = (str, int, float, bool, type(None))
    extras = {k: v for k, v in vars(record).items() if k not in _STANDARD and isinstance(v, plain)}
    return extras | getattr(record, "fields", {})


class ReadableFormatter(logging.Formatter):
    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(message)s", datefmt="%H:%M:%S")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        parts = [super().formatMessage(record), getattr(record, "event_type", "")]
        parts += [f"{k}={v}" for k, v in extra_fields(record).items() if v is not None]
        return " ".join(filter(None, parts))
