"""Error responses: JSON in one shape under /api/, a page elsewhere."""

import math
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponsePermanentRedirect,
    JsonResponse,
)
from django.template import loader
from django.urls import resolve
from django.utils.translation import gettext as _
from django.views import defaults
from django.views.decorators.csrf import csrf_exempt
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import set_rollback

Fields = dict[str, list[str]]
RETRY_AFTER_S = 30  # about how long a database takes to restart


class Conflict(exceptions.APIException):
    status_code = status.HTTP_409_CONFLICT
    default_code = "conflict"


@contextmanager
def not_found_if_deleted() -> Iterator[None]:
    """Answer 404 if an object that the request is about has been deleted in the meantime."""
    try:
        yield
    except ObjectDoesNotExist as error:
        raise Http404 from error


def error_body(code: str, message: str, fields: Fields | None = None) -> dict[str, Any]:
    return {"error": {"code": code, "message": message, "fields": fields or {}}}


def is_api(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def respond(request: HttpRequest, status_code: int, code: str, message: str) -> HttpResponse:
    """Return an error as JSON under /api/, and as the page of its status elsewhere."""
    if is_api(request):
        return JsonResponse(error_body(code, message), status=status_code)
    page = loader.select_template([f"{status_code}.html", "400.html"])
    return HttpResponse(page.render({"message": message}, request), status=status_code)


def exception_handler(exc: Exception, context: dict[str, Any]) -> Response | None:
    """Return the response to an exception, or None to let ``handler500`` answer."""
    if isinstance(exc, Http404):
        exc = exceptions.NotFound()
    elif isinstance(exc, PermissionDenied):
        exc = exceptions.PermissionDenied()
    if not isinstance(exc, exceptions.APIException):
        return None
    set_rollback()
    return Response(_body(exc), status=exc.status_code, headers=_headers(exc))


def _body(exc: exceptions.APIException) -> dict[str, Any]:
    if not isinstance(exc.detail, exceptions.ErrorDetail):
        fields = flatten(exc.detail)
        return error_body(exc.default_code or "error", _first(fields), fields)
    return error_body(exc.detail.code or "error", str(exc.detail))


def _headers(exc: exceptions.APIException) -> dict[str, str]:
    headers = {}
    if auth_header := getattr(exc, "auth_header", None):
        headers["WWW-Authenticate"] = auth_header
    if (wait := getattr(exc, "wait", None)) is not None:
        headers["Retry-After"] = str(math.ceil(wait))
    return headers


def flatten(detail: Any, name: str = "") -> Fields:
    """Flatten DRF's nested details: {"texts": {3: [...]}} becomes {"texts.3": [...]}."""
    if isinstance(detail, dict):
        nested = list(detail.items())
    elif any(isinstance(item, dict | list) for item in detail):
        nested = list(enumerate(detail))
    else:
        return {name or "non_field_errors": [str(item) for item in detail]} if detail else {}
    fields: Fields = {}
    for key, inner in nested:
        inner = [inner] if isinstance(inner, str) else inner
        fields |= flatten(inner, f"{name}.{key}" if name else str(key))
    return fields


def _first(fields: Fields) -> str:
    name, messages = next(iter(fields.items()), ("non_field_errors", [_("Invalid input.")]))
    return messages[0] if name == "non_field_errors" else f"{name}: {messages[0]}"


@csrf_exempt
def api_fallback(request: HttpRequest, rest: str) -> HttpResponseBase:
    """Answer unknown addresses under /api/; redirect if only the final slash is missing."""
    if not rest.endswith("/"):
        # A 308 keeps method and body; Django's own redirect turns a POST into a GET.
        with_slash = request.get_full_path(force_append_slash=True)
        if resolve(f"{request.path_info}/").func is not api_fallback:
            return HttpResponsePermanentRedirect(with_slash, preserve_request=True)
    return not_found(request, Http404())


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    if is_api(request):
        return respond(request, 400, "bad_request", _("The request is malformed."))
    return defaults.bad_request(request, exception)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    if is_api(request):
        return respond(
            request, 403, "permission_denied", _("You do not have permission to do that.")
        )
    return defaults.permission_denied(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    if is_api(request):
        return respond(request, 404, "not_found", _("There is nothing at this address."))
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponseBase:
    # Django calls this handler while the exception is being handled.
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        return unavailable(request)
    if is_api(request):
        message = _("Something went wrong on our side. The error has been logged.")
        return respond(request, 500, "server_error", message)
    return defaults.server_error(request)


def unavailable(request: HttpRequest) -> HttpResponseBase:
    """Answer 503 with a page that needs no database, not even for the visitor's account."""
    response: HttpResponseBase
    if is_api(request):
        message = _("The site cannot reach its database. Please try again in a minute.")
        response = respond(request, 503, "unavailable", message)
    else:
        response = HttpResponse(loader.get_template("503.html").render(), status=503)
    response["Retry-After"] = str(RETRY_AFTER_S)
    return response
