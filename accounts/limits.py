"""How often somebody may try: passwords are guessed, mailboxes are flooded."""

import math
from hashlib import sha256
from typing import Literal

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from common.errors import respond
from common.throttling import CountingThrottle


class Limit(CountingThrottle):
    """So many from one address."""

    def __init__(self, scope: str) -> None:
        self.scope = scope


class NameLimit(Limit):
    """So many for one account, wherever they come from."""

    def get_ident(self, request) -> str:
        name = request.POST.get("username", "") or request.user.get_username()
        return sha256(name.casefold().encode("utf-8", "replace")).hexdigest()[:32]


class LimitedMixin:
    """A form that counts how often it is sent."""

    limits: tuple[str, ...] = ()
    name_limits: tuple[str, ...] = ()
    not_counted: Literal["", "valid", "invalid"] = ""  # forms that are given back

    def post(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        self.counted: list[Limit] = []
        kinds = [(Limit, scope) for scope in self.limits]
        kinds += [(NameLimit, scope) for scope in self.name_limits]
        for kind, scope in kinds:
            limit = kind(scope)
            if not limit.admits(request, scope):
                return too_many(request, limit.wait())
            self.counted.append(limit)
        return super().post(request, *args, **kwargs)  # type: ignore[misc]

    def form_valid(self, form) -> HttpResponse:
        response = super().form_valid(form)  # type: ignore[misc]
        self.give_back("valid")
        return response

    def form_invalid(self, form) -> HttpResponse:
        self.give_back("invalid")
        return super().form_invalid(form)  # type: ignore[misc]

    def give_back(self, outcome: str) -> None:
        if outcome == self.not_counted:
            for limit in self.counted:
                limit.give_back()


def too_many(request: HttpRequest, wait_s: float) -> HttpResponse:
    message = _("Too many attempts. Please try again later.")
    response = respond(request, 429, "throttled", message)
    response["Retry-After"] = str(math.ceil(wait_s) or 1)
    return response
