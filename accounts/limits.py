"""Limits against guessing passwords and flooding mailboxes."""

import math
from hashlib import sha256
from typing import Literal

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from common.errors import respond
from common.throttling import CountingThrottle


class LimitedMixin:
    """Limit how often a form is submitted."""

    request: HttpRequest
    limits: tuple[str, ...] = ()  # scopes counted for the address, signed in or not
    name_limits: tuple[str, ...] = ()  # scopes counted for the account, from all addresses
    not_counted: Literal["", "valid", "invalid"] = ""  # submissions that are refunded

    def limited_username(self) -> str:
        return self.request.user.get_username()

    def post(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        self.counted: list[CountingThrottle] = []
        for scope in self.limits + self.name_limits:
            throttle = CountingThrottle()
            if scope in self.name_limits:
                visitor = _key(self.limited_username())
            else:
                visitor = throttle.get_ident(request)  # type: ignore[arg-type]
            if not throttle.admits(request, scope, visitor=visitor):
                return too_many(request, throttle.wait())
            self.counted.append(throttle)
        return super().post(request, *args, **kwargs)  # type: ignore[misc]

    def form_valid(self, form) -> HttpResponse:
        response = super().form_valid(form)  # type: ignore[misc]
        self.refund("valid")
        return response

    def form_invalid(self, form) -> HttpResponse:
        self.refund("invalid")
        return super().form_invalid(form)  # type: ignore[misc]

    def refund(self, outcome: str) -> None:
        if outcome == self.not_counted:
            for throttle in self.counted:
                throttle.refund()


def _key(username: str) -> str:
    return sha256(username.casefold().encode("utf-8", "replace")).hexdigest()[:32]


def too_many(request: HttpRequest, wait_s: float) -> HttpResponse:
    message = _("Too many attempts. Please try again later.")
    response = respond(request, 429, "throttled", message)
    response["Retry-After"] = str(math.ceil(wait_s) or 1)
    return response
