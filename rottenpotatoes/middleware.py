"""What every request passes: it gets an id, and its body a bound."""

import io
import re
import secrets
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from rottenpotatoes import errors
from rottenpotatoes.logging import request_id

GetResponse = Callable[[HttpRequest], HttpResponse]

# Short and plain: it is written to logs and into a header.
SANE_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
DRAINED_BYTES = 4 * settings.MAX_BODY_BYTES
CHUNK_BYTES = 64 * 1024


class RequestIdMiddleware:
    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.META.get("HTTP_X_REQUEST_ID", "")
        name = given if SANE_ID.fullmatch(given) else secrets.token_hex(16)
        request.request_id = name  # type: ignore[attr-defined]
        token = request_id.set(name)
        try:
            response = self.get_response(request)
        finally:
            request_id.reset(token)
        response["X-Request-ID"] = name
        return response


class BodyLimitMiddleware:
    """Refuse bodies over ``MAX_BODY_BYTES`` before anything reads or parses them."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "chunked" in request.META.get("HTTP_TRANSFER_ENCODING", "").lower():
            refused = _read_chunked(request)
        else:
            refused = _check_length(request)
        return refused or self.get_response(request)


def _check_length(request: HttpRequest) -> HttpResponse | None:
    length = request.META.get("CONTENT_LENGTH") or "0"
    if length.isdecimal() and int(length) > settings.MAX_BODY_BYTES:
        # A client that is still sending does not listen: without this it sees a broken
        # connection instead of the answer.
        _drain(request, min(int(length), DRAINED_BYTES))
        return _too_large(request)
    return None


def _read_chunked(request: HttpRequest) -> HttpResponse | None:
    """Give a chunked body the length that Django needs to see it at all."""
    if not request.META.get("wsgi.input_terminated"):
        return errors.respond(
            request, 411, "length_required", _("The request must say how long it is.")
        )
    body = request.META["wsgi.input"].read(settings.MAX_BODY_BYTES + 1)
    if len(body) > settings.MAX_BODY_BYTES:
        _drain(request, DRAINED_BYTES)
        return _too_large(request)
    request.META["CONTENT_LENGTH"] = str(len(body))
    request._stream = io.BytesIO(body)
    return None


def _drain(request: HttpRequest, n_bytes: int) -> None:
    source = request.META.get("wsgi.input")
    while source is not None and n_bytes > 0:
        read = len(source.read(min(CHUNK_BYTES, n_bytes)))
        if not read:
            return
        n_bytes -= read


def _too_large(request: HttpRequest) -> HttpResponse:
    message = _("The request is larger than %(limit)d bytes.") % {"limit": settings.MAX_BODY_BYTES}
    return errors.respond(request, 413, "too_large", message)
