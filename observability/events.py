"""The catalogue of events, and ``emit``, which logs one.

Events never contain a review's text, an address or a secret. docs/events.md and Elasticsearch's
index template are generated from the catalogue (``manage.py events``).
"""

import hashlib
import hmac
import logging
import os
import random
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from typing import Any

from django.conf import settings

logger = logging.getLogger(__name__)
request_id: ContextVar[str] = ContextVar("request_id", default="")
Subscriber = Callable[[str, Mapping[str, Any]], None]


@dataclass(frozen=True, slots=True)
class Field:
    kind: str  # Elasticsearch's name of the type
    meaning: str


@dataclass(frozen=True, slots=True)
class Event:
    message: str
    fields: tuple[str, ...]
    level: int = logging.INFO


FIELDS = {
    "@timestamp": Field("date", "time of the event: UTC, ISO 8601, milliseconds"),
    "event_id": Field("keyword", "unique; a repeated delivery has the same id"),
    "event_type": Field("keyword", "one of the events above"),
    "level": Field("keyword", "`INFO`, `WARNING`, `ERROR` or `CRITICAL`"),
    "message": Field("text", "description"),
    "request_id": Field("keyword", "`X-Request-ID` of the request; empty outside of requests"),
    "process": Field("keyword", "`host:pid` of the process"),
    "logger": Field("keyword", "name of the logger"),
    "method": Field("keyword", "`GET`, `POST` ..."),
    "path": Field("keyword", "name of the route (`movies:detail`) or command, never the path"),
    "status": Field("integer", "status code of the response"),
    "latency_ms": Field("float", "duration, in milliseconds"),
    "database_ms": Field("float", "time of that spent in database queries"),
    "n_queries": Field("integer", "number of database queries"),
    "user_id": Field("keyword", "keyed hash of the account; null for a guest"),
    "movie_id": Field("integer", "primary key of the movie"),
    "movie_title": Field("keyword", "title of the movie"),
    "review_id": Field("integer", "primary key of the review"),
    "sentiment": Field("keyword", "`positive`, `negative`, `unreadable` or `unread`"),
    "confidence": Field("float", "calibrated probability of the predicted label, 0.5 to 1"),
    "model_version": Field("keyword", "version of the release"),
    "previous_version": Field("keyword", "version of the previous champion"),
    "n_texts": Field("integer", "number of texts, all with this `sentiment` if there is one"),
    "n_positive": Field("integer", "number of them predicted as positive"),
    "freshness": Field("float", "of the movie after the event, 0 to 1; null without a score"),
    "verdict": Field("keyword", "of the movie after the event"),
    "label_before": Field("keyword", "label before a person's decision"),
    "label_after": Field("keyword", "label after it"),
    "label_source": Field("keyword", "whose label it is then: `model`, `author` or `curator`"),
    "algorithm": Field("keyword", "algorithm of the model"),
    "dataset_version": Field("keyword", "version of the training data"),
    "accuracy": Field("float", "share of held-out reviews predicted correctly"),
    "duration_s": Field("float", "duration, in seconds"),
    "passed": Field("boolean", "whether the gate passed the model"),
    "refusals": Field("keyword", "names of the failed checks, comma-separated"),
    "forced": Field("boolean", "promoted although the gate rejected it"),
    "reason": Field("text", "description of the failure"),
    "n_read": Field("integer", "number of reviews scored again"),
    "n_changed": Field("integer", "number of labels that changed"),
    "finished": Field("boolean", "no reviews are left to score"),
    "command": Field("keyword", "name of the failed `manage.py` command"),
    "error_type": Field("keyword", "class of the exception"),
    "traceback": Field("text", "files, lines and functions of the traceback; never values"),
}
COMMON = ("@timestamp", "event_id", "event_type", "level", "message", "request_id", "process")
_MOVIE = ("movie_id", "movie_title", "freshness", "verdict")
_PREDICTION = ("sentiment", "confidence", "model_version", "latency_ms")
_LINE = ("logger", "path", "status", "error_type", "traceback")

EVENTS = {
    "REQUEST": Event(
        "request finished",
        ("method", "path", "status", "latency_ms", "database_ms", "n_queries", "user_id"),
    ),
    "PREDICTION": Event(
        "sentiment predicted",
        ("path", "movie_id", "movie_title", *_PREDICTION, "n_texts", "n_positive"),
    ),
    "REVIEW_SUBMITTED": Event("review stored", ("review_id", "user_id", *_MOVIE, *_PREDICTION)),
    "REVIEW_EDITED": Event("review edited", ("review_id", "user_id", *_MOVIE, *_PREDICTION)),
    "LABEL_CORRECTED": Event(
        "label set or reset by a person",
        (
            *("review_id", "user_id", *_MOVIE),
            *("label_before", "label_after", "label_source", "model_version"),
        ),
    ),
    "TRAINING": Event(
        "model trained",
        ("model_version", "algorithm", "dataset_version", "accuracy", "duration_s"),
    ),
    "GATE": Event(
        "model evaluated by the gate",
        ("model_version", "previous_version", "passed", "refusals", "accuracy"),
    ),
    "PROMOTION": Event(
        "release promoted", ("model_version", "previous_version", "forced", "user_id")
    ),
    "ROLLBACK": Event("release rolled back", ("model_version", "previous_version", "user_id")),
    "RESCORE": Event(
        "stored reviews scored again",
        ("model_version", "n_read", "n_changed", "finished", "duration_s"),
    ),
    "MODEL_LOADED": Event("model loaded", ("model_version", "previous_version", "latency_ms")),
    "MODEL_REFUSED": Event("model cannot be loaded", ("model_version", "reason"), logging.ERROR),
    "RATE_LIMITED": Event("rate limit exceeded", ("method", "path", "user_id"), logging.WARNING),
    "LOGIN_FAILED": Event("login failed", ("path",), logging.WARNING),
    "ERROR": Event("error", (*_LINE, "command"), logging.ERROR),
    "LOG": Event("other log record", _LINE),
}
KINDS: dict[str, tuple[type, ...]] = {
    "date": (str,),
    "keyword": (str,),
    "text": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "float": (float, int),
}

_subscribers: list[Subscriber] = []
_numbers = count()
_process_key = secrets.token_hex(8)


def subscribe(subscriber: Subscriber) -> None:
    """Call it with the type and fields of every event. It must not raise."""
    if subscriber not in _subscribers:
        _subscribers.append(subscriber)


def emit(name: str, /, **fields: Any) -> None:
    """Log an event of the catalogue, and count it."""
    fields = validate(name, fields)
    for subscriber in _subscribers:
        subscriber(name, fields)
    if not is_sampled_out(name, fields):
        event = EVENTS[name]
        logger.log(event.level, event.message, extra={"event_type": name, "fields": fields})


def is_sampled_out(name: str, fields: Mapping[str, Any]) -> bool:
    """Select events of predict/ by ``PREDICT_EVENTS_SHARE``; all of them are counted."""
    if name not in ("PREDICTION", "REQUEST") or fields.get("path") != "predict":
        return False
    share = settings.PREDICT_EVENTS_SHARE
    return fields.get("status", 200) < 400 and share < 1 and random.random() >= share  # noqa: S311


def validate(name: str, fields: dict[str, Any]) -> dict[str, Any]:
    """Return the fields that the catalogue allows; with ``STRICT_EVENTS`` others are an error."""
    invalid = [
        field
        for field, value in fields.items()
        if field not in EVENTS[name].fields or not has_kind(value, FIELDS[field].kind)
    ]
    if not invalid:
        return fields
    if settings.STRICT_EVENTS:
        raise ValueError(f"{name} has undocumented fields: {', '.join(sorted(invalid))}")
    return {field: value for field, value in fields.items() if field not in invalid}


def has_kind(value: object, kind: str) -> bool:
    is_bool = isinstance(value, bool)  # which is an int, too
    return value is None or (isinstance(value, KINDS[kind]) and is_bool == (kind == "boolean"))


def new_event_id() -> str:
    return f"{_process_key}-{next(_numbers)}"


@lru_cache(maxsize=1024)
def user_hash(pk: int | None) -> str | None:
    """Return a pseudonym of the account, which cannot be computed without ``SECRET_KEY``."""
    if pk is None:
        return None
    key = settings.SECRET_KEY.encode()
    return hmac.new(key, f"event-user:{pk}".encode(), hashlib.sha256).hexdigest()[:16]


@contextmanager
def bind_request_id(value: str) -> Iterator[None]:
    """Give the events of the block this request id."""
    token = request_id.set(value)
    try:
        yield
    finally:
        request_id.reset(token)


def _renew_process_key() -> None:
    global _process_key
    _process_key = secrets.token_hex(8)


os.register_at_fork(after_in_child=_renew_process_key)
