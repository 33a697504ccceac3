"""Middleware for every request: its id and its event."""

import re
import secrets
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from typing import Any

from django.db import connections
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject, empty

from observability.events import bind_request_id, emit, user_hash

GetResponse = Callable[[HttpRequest], HttpResponse]

# Short and without an address: it is written to logs and into a header.
_NO_ADDRESS = r"(?!.*(?<!\d)\d{1,3}(?:[._-]\d{1,3}){3}(?!\d))"
VALID_ID = re.compile(rf"{_NO_ADDRESS}[A-Za-z0-9._-]{{8,64}}")


def get_request_id(environ: Mapping[str, Any]) -> str:
    """Return the ``X-Request-ID`` of the request if it is valid, else a new one."""
    value = environ.get("HTTP_X_REQUEST_ID", "")
    return value if VALID_ID.fullmatch(value) else secrets.token_hex(16)


class RequestIdMiddleware:
    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        value = request.request_id = get_request_id(request.META)  # type: ignore[attr-defined]
        with bind_request_id(value):
            response = self.get_response(request)
        response["X-Request-ID"] = value
        return response


METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
UNKNOWN = "unknown"  # no route matches


class QueryClock:
    """Counts the queries of a request and their time."""

    def __init__(self) -> None:
        self.n, self.seconds = 0, 0.0

    def __call__(self, execute: Callable, sql: str, params: Any, many: bool, context: dict) -> Any:
        started = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            self.n += 1
            self.seconds += time.perf_counter() - started


class RequestEventMiddleware:
    """Emits an event for every response."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        clock = QueryClock()
        started = time.perf_counter()
        with ExitStack() as stack:
            for connection in connections.all():
                stack.enter_context(connection.execute_wrapper(clock))
            response = self.get_response(request)
        seconds = time.perf_counter() - started
        self.emit_event(request, response.status_code, seconds, clock)
        return response

    def emit_event(
        self, request: HttpRequest, status: int, seconds: float, clock: QueryClock
    ) -> None:
        common = {
            "method": request.method if request.method in METHODS else "OTHER",
            "path": route_of(request),
            "user_id": user_hash(user_of(request)),
        }
        emit(
            "REQUEST",
            status=status,
            latency_ms=round(seconds * 1000, 3),
            database_ms=round(clock.seconds * 1000, 3),
            n_queries=clock.n,
            **common,
        )
        if status == 429:
            emit("RATE_LIMITED", **common)


def route_of(request: HttpRequest) -> str:
    """Return the name of the route; paths are unlimited in number and may contain user input."""
    match = request.resolver_match
    return (match.view_name or UNKNOWN) if match else UNKNOWN


def user_of(request: HttpRequest) -> int | None:
    """Return the primary key of the account if it is loaded already: no extra query."""
    user = request.__dict__.get("user")
    if user is None or (isinstance(user, SimpleLazyObject) and user._wrapped is empty):
        return None
    return user.pk
