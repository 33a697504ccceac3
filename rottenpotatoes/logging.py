"""Logs: readable on a laptop, JSON lines in production, and to Logstash where there is one."""

import json
import logging
import logging.config
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from logstash_async.constants import constants

request_id: ContextVar[str] = ContextVar("request_id", default="")

events = logging.getLogger("rottenpotatoes.events")

_USUAL = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "request_id"}
EVENT_TTL_S = 3600  # a dead Logstash must not fill the memory
SOCKET_CLOSE_WAIT_S = 1.0


def log_event(name: str, **fields: object) -> None:
    """Log that something happened. Never pass a review's text."""
    events.info(name, extra={"event": name, "request_id": request_id.get(), **fields})


def configure(config: dict[str, Any]) -> None:
    """``settings.LOGGING_CONFIG``: set up logging from level, readable and logstash_url."""
    handlers: dict[str, dict[str, Any]] = {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "readable" if config["readable"] else "json",
            "filters": ["request_id"],
        }
    }
    if config["logstash_url"]:
        handlers["logstash"] = {
            **logstash_handler(config["logstash_url"]),
            "formatter": "json",
            "filters": ["request_id"],
        }
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "filters": {"request_id": {"()": RequestIdFilter}},
            "formatters": {"json": {"()": JsonFormatter}, "readable": {"()": ReadableFormatter}},
            "handlers": handlers,
            "root": {"handlers": list(handlers), "level": config["level"]},
            "loggers": {
                # Django gives these handlers of their own; every line would come twice.
                "django": {"handlers": [], "level": config["level"]},
                "django.server": {"handlers": [], "level": config["level"], "propagate": True},
            },
        }
    )


def logstash_handler(url: str) -> dict[str, Any]:
    """The handler for ``http(s)://`` or ``tcp://`` with a host and a port."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https", "tcp") or not parts.hostname or not parts.port:
        raise ImproperlyConfigured(
            f"LOGSTASH_URL={url} is no address: write http://host:port, https:// or tcp://."
        )
    # The transport would wait that long for a dead server, 30 s, whenever the process ends.
    constants.SOCKET_CLOSE_WAIT_TIMEOUT = SOCKET_CLOSE_WAIT_S
    kind = "TcpTransport" if parts.scheme == "tcp" else "HttpTransport"
    return {
        "class": "logstash_async.handler.AsynchronousLogstashHandler",
        "transport": f"logstash_async.transport.{kind}",
        "host": parts.hostname,
        "port": parts.port,
        "ssl_enable": parts.scheme == "https",
        # In memory: a queue file shared by several workers loses events (DatabaseLockedError).
        "database_path": None,
        "event_ttl": EVENT_TTL_S,
    }


class RequestIdFilter(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = getattr(record, "request_id", "") or request_id.get()
        return True


def extras(record: logging.LogRecord) -> dict[str, object]:
    """What was given as ``extra``, as far as it is plain: a request is not."""
    plain = (str, int, float, bool, type(None))
    return {k: v for k, v in vars(record).items() if k not in _USUAL and isinstance(v, plain)}


class JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        entry = {
            "@timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": getattr(record, "request_id", ""),
            **extras(record),
        }
        if record.exc_info:
            entry["traceback"] = self.formatException(record.exc_info)
        return json.dumps(entry, ensure_ascii=False, default=str)


class ReadableFormatter(logging.Formatter):
    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(message)s", datefmt="%H:%M:%S")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        facts = [f"{k}={v}" for k, v in extras(record).items() if k not in ("event", "server_time")]
        return " ".join([super().formatMessage(record), *facts])
