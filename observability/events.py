"""What the site tells of itself: a fixed catalogue of events, and ``emit``.

Never a review's text, an address or a secret; docs/events.md is written from here.
"""

import hashlib
import hmac
import logging
import os
import random
import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from typing import Any

from observability.task_queue import defer

logger = logging.getLogger("observability.events")
request_id: ContextVar[str] = ContextVar("request_id", default="")
_at: ContextVar[float] = ContextVar("at", default=0.0)


@dataclass(frozen=True, slots=True)
class Field:
    kind: str  # as Elasticsearch calls it
    meaning: str


@dataclass(frozen=True, slots=True)
class Event:
    message: str
    fields: tuple[str, ...]
    level: int = logging.INFO


FIELDS = {
    "@timestamp": Field("date", "when it happened: UTC, ISO 8601, milliseconds"),
    "event_id": Field("keyword", "one for each event; a repeated delivery has the same"),
    "event_type": Field("keyword", "one of the events below"),
    "level": Field("keyword", "`INFO`, `WARNING`, `ERROR` or `CRITICAL`"),
    "message": Field("text", "in words"),
    "request_id": Field("keyword", "`X-Request-ID` of the request; empty outside of one"),
    "process": Field("keyword", "`host:pid` of the process that tells"),
    "logger": Field("keyword", "who logged the line"),
    "method": Field("keyword", "`GET`, `POST` ..."),
    "path": Field(
        "keyword", "name of the route (`movies:detail`) or command, never the path itself"
    ),
    "status": Field("integer", "status of the answer"),
    "latency_ms": Field("float", "how long it took, in milliseconds"),
    "database_ms": Field("float", "of that, waiting for the database"),
    "n_queries": Field("integer", "queries to the database"),
    "user_id": Field("keyword", "a keyed hash of the account; null for a guest"),
    "movie_id": Field("integer", "key of the film"),
    "movie_title": Field("keyword", "title of the film"),
    "review_id": Field("integer", "key of the review"),
    "sentiment": Field("keyword", "`positive`, `negative`, `unreadable` or `unread`"),
    "confidence": Field("float", "the model's probability of its label, 0.5 to 1"),
    "model_version": Field("keyword", "version of the release that read or is meant"),
    "previous_version": Field("keyword", "version of the release that was champion before"),
    "n_texts": Field("integer", "texts read in one go; all of one `sentiment`, if there is one"),
    "n_positive": Field("integer", "of those, how many read as positive"),
    "freshness": Field("float", "of the film after this, 0 to 1; null while it has none"),
    "verdict": Field("keyword", "of the film after this"),
    "label_before": Field("keyword", "label that counted before a person's"),
    "label_after": Field("keyword", "label that counts now"),
    "algorithm": Field("keyword", "what the model was trained with"),
    "dataset_version": Field("keyword", "data it was trained on"),
    "accuracy": Field("float", "share of held-out reviews that it read right"),
    "duration_s": Field("float", "how long it took, in seconds"),
    "passed": Field("boolean", "whether the gate let it pass"),
    "refusals": Field("keyword", "names of the gate's lines that refused, with commas"),
    "forced": Field("boolean", "promoted although the gate had refused"),
    "reason": Field("text", "why, in the software's words"),
    "n_read": Field("integer", "reviews that were read again"),
    "n_changed": Field("integer", "of those, labels that changed"),
    "finished": Field("boolean", "nothing is left to read"),
    "command": Field("keyword", "the command of `manage.py` that failed"),
    "error_type": Field("keyword", "class of the exception"),
    "traceback": Field("text", "where it was raised: files, lines, functions; never the values"),
}
COMMON = ("@timestamp", "event_id", "event_type", "level", "message", "request_id", "process")
_FILM = ("movie_id", "movie_title", "freshness", "verdict")
_READING = ("sentiment", "confidence", "model_version", "latency_ms")
_LINE = ("logger", "path", "status", "error_type", "traceback")

EVENTS = {
    "REQUEST": Event(
        "a request was answered",
        ("method", "path", "status", "latency_ms", "database_ms", "n_queries", "user_id"),
    ),
    "PREDICTION": Event(
        "the model read a text",
        ("path", "movie_id", "movie_title", *_READING, "n_texts", "n_positive"),
    ),
    "REVIEW_SUBMITTED": Event("a review was stored", ("review_id", "user_id", *_FILM, *_READING)),
    "REVIEW_EDITED": Event("a review was rewritten", ("review_id", "user_id", *_FILM, *_READING)),
    "LABEL_CORRECTED": Event(
        "a person settled a label, or took that back",
        ("review_id", "user_id", *_FILM, "label_before", "label_after", "model_version"),
    ),
    "TRAINING": Event(
        "a model was trained",
        ("model_version", "algorithm", "dataset_version", "accuracy", "duration_s"),
    ),
    "GATE": Event(
        "the gate judged a model",
        ("model_version", "previous_version", "passed", "refusals", "accuracy"),
    ),
    "PROMOTION": Event(
        "a release became champion", ("model_version", "previous_version", "forced", "user_id")
    ),
    "ROLLBACK": Event(
        "the champion before came back", ("model_version", "previous_version", "user_id")
    ),
    "RESCORE": Event(
        "stored reviews were read again",
        ("model_version", "n_read", "n_changed", "finished", "duration_s"),
    ),
    "MODEL_LOADED": Event(
        "a process serves a model", ("model_version", "previous_version", "latency_ms")
    ),
    "MODEL_REFUSED": Event(
        "a process cannot serve a model", ("model_version", "reason"), logging.ERROR
    ),
    "RATE_LIMITED": Event(
        "somebody asked too often", ("method", "path", "user_id"), logging.WARNING
    ),
    "LOGIN_FAILED": Event("somebody could not sign in", ("path",), logging.WARNING),
    "ERROR": Event("something broke", (*_LINE, "command"), logging.ERROR),
    "LOG": Event("any other line of the log", _LINE),
}

_numbers = count()
_process_key = secrets.token_hex(8)


def emit(name: str, /, **fields: object) -> None:
    """Tell that something happened. About two microseconds while the process serves."""
    at = _at.get()
    if at:
        take(name, at, request_id.get(), fields)
    else:
        defer(take, name, time.time(), request_id.get(), fields)


def take(name: str, created: float, request: str, fields: dict[str, Any]) -> None:
    """Count an event and have it logged."""
    from observability import metrics

    fields = documented(name, fields)
    metrics.count_event(name, fields)
    event = EVENTS[name]
    if logger.isEnabledFor(event.level) and not _is_left_out(name, fields):
        logger.handle(_record(name, event, created, request, fields))


def _record(
    name: str, event: Event, created: float, request: str, fields: dict[str, Any]
) -> logging.LogRecord:
    record = logging.LogRecord(logger.name, event.level, "", 0, event.message, None, None)
    record.created, record.msecs = created, created % 1 * 1000
    record.event_type, record.fields, record.request_id = name, fields, request
    return record


def _is_left_out(name: str, fields: Mapping[str, Any]) -> bool:
    """Of what only asks predict/, a share can be enough: every one of them is counted."""
    if name not in ("PREDICTION", "REQUEST") or fields.get("path") != "predict":
        return False
    from django.conf import settings

    share = settings.PREDICT_EVENTS_SHARE
    return fields.get("status", 200) < 400 and share < 1 and random.random() >= share  # noqa: S311


def documented(name: str, fields: dict[str, Any]) -> dict[str, Any]:
    """The fields that the catalogue knows; under test and on a laptop another one is an error."""
    unknown = sorted(set(fields) - set(EVENTS[name].fields))
    wrong = [field for field, value in fields.items() if not _fits(field, value)]
    if not unknown and not wrong:
        return fields
    from django.conf import settings

    if settings.STRICT_EVENTS:
        raise ValueError(f"{name} is not documented with {', '.join(unknown + wrong)}")
    return {field: v for field, v in fields.items() if field not in unknown + wrong}


KINDS: dict[str, tuple[type, ...]] = {
    "date": (str,),
    "keyword": (str,),
    "text": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "float": (float, int),
}


def _fits(name: str, value: object) -> bool:
    if value is None or name not in FIELDS:
        return True
    kind = FIELDS[name].kind
    return isinstance(value, KINDS[kind]) and (kind == "boolean" or not isinstance(value, bool))


def new_event_id() -> str:
    return f"{_process_key}-{next(_numbers)}"


@lru_cache(maxsize=1024)
def user_hash(pk: int | None) -> str | None:
    """An account without its name: the same one is recognised, nobody can count back to it."""
    if pk is None:
        return None
    from django.conf import settings

    key = settings.SECRET_KEY.encode()
    return hmac.new(key, f"event-user:{pk}".encode(), hashlib.sha256).hexdigest()[:16]


@contextmanager
def at_once(at: float) -> Iterator[None]:
    """For work that is in the background already: events of then, told now."""
    token = _at.set(at)
    try:
        yield
    finally:
        _at.reset(token)


@contextmanager
def named(name: str) -> Iterator[None]:
    """Within the block, events carry this request id."""
    token = request_id.set(name)
    try:
        yield
    finally:
        request_id.reset(token)


def as_markdown() -> str:
    """docs/events.md."""
    lines = [
        "# Events",
        "",
        "One JSON object per line and thing that happened. This page is written from",
        "`observability/events.py` (`manage.py events > docs/events.md`); a test compares both.",
        "No event holds a review's text, an address or a secret.",
        "",
        f"Every event has {_names(COMMON)}.",
        "",
        "| event | what happened | level | its fields |",
        "| --- | --- | --- | --- |",
    ]
    for name, event in EVENTS.items():
        level = "as logged" if name == "LOG" else logging.getLevelName(event.level)
        lines.append(f"| `{name}` | {event.message} | {level} | {_names(event.fields)} |")
    lines += ["", "| field | type | meaning |", "| --- | --- | --- |"]
    lines += [f"| `{name}` | {f.kind} | {f.meaning} |" for name, f in FIELDS.items()]
    return "\n".join(lines) + "\n"


def index_template() -> dict[str, Any]:
    """Return Elasticsearch's index template for the events."""
    # Longer values of a keyword are stored, but not indexed.
    types = {"keyword": {"type": "keyword", "ignore_above": 512}}
    properties = {name: types.get(f.kind, {"type": f.kind}) for name, f in FIELDS.items()}
    settings = {
        "number_of_shards": 1,
        "number_of_replicas": 0,
        "index.lifecycle.name": "rotten_potatoes_logs",
        "index.mapping.total_fields.limit": 200,
    }
    # Unknown fields are stored, but not mapped.
    mappings = {"dynamic": False, "properties": properties}
    template = {"settings": settings, "mappings": mappings}
    return {"index_patterns": ["rotten_potatoes_logs-*"], "template": template}


def _names(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _new_process() -> None:
    global _process_key
    _process_key = secrets.token_hex(8)


os.register_at_fork(after_in_child=_new_process)
