"""The short way for what programs ask most: one readable text.

It stands before session, language and account, which such an answer has no use for, and gives
what ``PredictView`` would. Everything else, and everything wrong, goes on to that view.
"""

import json
from collections.abc import Callable

from csp.constants import HEADER as CSP_HEADER
from csp.utils import build_policy
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse

from mlmodel.api import PredictView, as_json
from mlmodel.forms import check_text
from mlmodel.sentiment.errors import ModelUnavailable
from mlmodel.serving import get_served
from rottenpotatoes.throttling import CountingThrottle

ADDRESS = "/api/v1/predict/"
JSON_TYPES = {"application/json", "application/json; charset=utf-8"}
# The longest text that is allowed, with every character escaped, and what stands around it.
MAX_BYTES = 6 * settings.REVIEW_MAX_CHARS + 100

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class ShortWayMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        # Of middlewares that are not passed.
        self.headers = {
            "Content-Type": "application/json",
            "Allow": "POST, OPTIONS",
            "X-Frame-Options": settings.X_FRAME_OPTIONS,
            CSP_HEADER: build_policy(),
        }

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info == ADDRESS and is_plain(request):
            text = read_text(request.body)
            answer = None if text is None else self._answer(request, text)
            if answer is not None:
                return answer
        return self.get_response(request)

    def _answer(self, request: HttpRequest, text: str) -> HttpResponse | None:
        request.get_host()  # raises where the host is not ours
        try:
            scorer = get_served().scorer
        except ModelUnavailable:
            return None
        if not CountingThrottle().admits(request, PredictView.throttle_scope):
            return None
        content = _encode(as_json(scorer.predict(text), scorer.version)).encode()
        return HttpResponse(content, headers={**self.headers, "Content-Length": str(len(content))})


def is_plain(request: HttpRequest) -> bool:
    """Whether a request sends and wants JSON, and nothing that would need a closer look."""
    meta = request.META
    accept, length = meta.get("HTTP_ACCEPT", "*/*"), meta.get("CONTENT_LENGTH", "")
    return (
        request.method == "POST"
        and not meta.get("QUERY_STRING")
        and meta.get("CONTENT_TYPE", "").lower() in JSON_TYPES
        and ";" not in accept
        and ("*/*" in accept or "application/json" in accept)
        and length.isdecimal()
        and int(length) <= MAX_BYTES
        and "HTTP_TRANSFER_ENCODING" not in meta
    )


def read_text(body: bytes) -> str | None:
    """The text of ``{"text": ...}``, or None where a body says more, less or nonsense."""
    try:
        match json.loads(body.decode()):
            case {"text": str(text), **others} if not others:
                return check_text(text)
    except (ValueError, RecursionError, ValidationError):
        pass
    return None
