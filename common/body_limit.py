"""A limit of the size of a request's body."""

import io
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from common import errors

DRAINED_BYTES = 4 * settings.MAX_BODY_BYTES
CHUNK_BYTES = 64 * 1024


class BodyLimitMiddleware:
    """Refuse bodies over ``MAX_BODY_BYTES`` before anything reads or parses them."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "chunked" in request.META.get("HTTP_TRANSFER_ENCODING", "").lower():
            error = _read_chunked(request)
        else:
            error = _check_length(request)
        return error or self.get_response(request)


def _check_length(request: HttpRequest) -> HttpResponse | None:
    length = request.META.get("CONTENT_LENGTH") or "0"
    if length.isdecimal() and int(length) > settings.MAX_BODY_BYTES:
        # A client that is still sending would see a broken connection instead of the response.
        _drain(request, min(int(length), DRAINED_BYTES))
        return _too_large(request)
    return None


def _read_chunked(request: HttpRequest) -> HttpResponse | None:
    """Give a chunked body the length that Django needs to see it at all."""
    if not request.META.get("wsgi.input_terminated"):
        return errors.respond(
            request, 411, "length_required", _("The request needs a Content-Length header.")
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
