"""The short way for what programs ask most: one readable text.

It stands before Django, whose handling of a request costs as much as reading the text, and gives
what ``PredictView`` would. Everything else, and everything wrong, goes on to that view.
"""

import io
import json
import time
from collections import OrderedDict
from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any, NamedTuple
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from django.conf import settings
from django.core.exceptions import ValidationError

from common.throttling import CountingThrottle
from mlmodel.api import PredictView, as_json
from mlmodel.monitoring import events
from mlmodel.pages.forms import check_text
from mlmodel.sentiment.models.prediction import Prediction
from mlmodel.serving.champion import get_served
from observability import tracing
from observability.events import bind_request_id
from observability.middleware import get_request_id

ADDRESS = "/api/v1/predict/"
JSON_TYPES = {"application/json", "application/json; charset=utf-8"}
# The longest text that is allowed, with every character escaped, and what stands around it.
MAX_BYTES = 6 * settings.REVIEW_MAX_CHARS + 100
# Headers that are one answer's own, or differ between visitors.
NOT_KEPT = {"content-length", "x-request-id", "vary", "content-language"}
# What decides whether a host is ours, whether https is asked for, and so about the other headers.
FRONT = ("wsgi.url_scheme", "HTTP_HOST", "SERVER_NAME", "SERVER_PORT", "HTTP_X_FORWARDED_PROTO")
MAX_FRONTS = 64

Headers = list[tuple[str, str]]
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class ShortWay:
    """A WSGI application around the site's.

    The site itself answers the first request that comes through each front (host and scheme);
    if it does so with 200, the short way may answer the next ones, with the headers it saw.
    """

    def __init__(self, site: WSGIApplication) -> None:
        self.site = site
        self._headers: OrderedDict[tuple, Headers] = OrderedDict()
        self._answer_to = tracing.trace_requests(answer_to, ADDRESS.removeprefix("/"))

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] != ADDRESS or not is_plain(environ):
            return self.site(environ, start_response)
        front = tuple(environ.get(name) for name in FRONT)
        headers = self._headers.get(front)
        if headers is None:
            return self.site(environ, self._learning(front, start_response))
        started = time.perf_counter()
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        answer = self._answer_to(body, environ)
        if answer is None:
            environ["wsgi.input"] = io.BytesIO(body)
            return self.site(environ, start_response)
        content, prediction, version, latency_s, name = answer
        own = [("Content-Length", str(len(content))), ("X-Request-ID", name)]
        start_response("200 OK", headers + own)
        total_s = time.perf_counter() - started
        log_events(name, prediction, version, latency_s, total_s)
        return [content]

    def _learning(self, front: tuple, start_response: StartResponse) -> StartResponse:
        def start(status: str, headers: Headers, *exc_info: Any) -> Any:
            if status.startswith("200 "):
                self._headers[front] = [
                    (name, value) for name, value in headers if name.lower() not in NOT_KEPT
                ]
                while len(self._headers) > MAX_FRONTS:
                    self._headers.popitem(last=False)
            return start_response(status, headers, *exc_info)

        return start


def is_plain(environ: WSGIEnvironment) -> bool:
    """Whether a request sends and wants JSON, and nothing that would need a closer look."""
    accept, length = environ.get("HTTP_ACCEPT", "*/*"), environ.get("CONTENT_LENGTH", "")
    return (
        environ["REQUEST_METHOD"] == "POST"
        and not environ.get("QUERY_STRING")
        and environ.get("CONTENT_TYPE", "").lower() in JSON_TYPES
        and ";" not in accept
        and ("*/*" in accept or "application/json" in accept)
        and length.isdecimal()
        and int(length) <= MAX_BYTES
        and "HTTP_TRANSFER_ENCODING" not in environ
    )


class Answer(NamedTuple):
    content: bytes
    prediction: Prediction
    version: str
    latency_s: float  # of the reading alone
    request_id: str


def log_events(
    name: str, prediction: Prediction, version: str, latency_s: float, total_s: float
) -> None:
    """Log the events that Django's view and middleware would log."""
    with bind_request_id(name):
        events.prediction(prediction, path="predict", version=version, latency_ms=latency_s * 1000)
        events.predict_answered(total_s * 1000)


def answer_to(body: bytes, environ: WSGIEnvironment) -> Answer | None:
    """What the ordinary way would say; None where it has to say what is the matter."""
    text = read_text(body)
    if text is None:
        return None
    try:
        scorer = get_served().scorer
        if not CountingThrottle().admits(visitor_of(environ), PredictView.throttle_scope):
            return None
        started = time.perf_counter()
        prediction = scorer.predict(text)
        latency_s = time.perf_counter() - started
        content = _encode(as_json(prediction, scorer.version)).encode()
        return Answer(content, prediction, scorer.version, latency_s, get_request_id(environ))
    except Exception:  # whatever it is, the site meets it again, and knows how to say it
        return None


def visitor_of(environ: WSGIEnvironment) -> Any:
    """What the throttle asks of a request."""
    forwarded = {"x-forwarded-for": environ.get("HTTP_X_FORWARDED_FOR")}
    return SimpleNamespace(META=environ, headers=forwarded)


def read_text(body: bytes) -> str | None:
    """The text of ``{"text": ...}``, or None where a body says more, less or nonsense."""
    try:
        match json.loads(body.decode()):
            case {"text": str(text), **others} if not others:
                return check_text(text)
    except (ValueError, RecursionError, ValidationError):
        pass
    return None
