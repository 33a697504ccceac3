"""Django's middleware for sessions and accounts, skipped by requests that use neither."""

from django.conf import settings
from django.contrib.auth import middleware as auth
from django.contrib.messages import middleware as messages
from django.contrib.sessions import middleware as sessions
from django.http import HttpRequest, HttpResponseBase
from django.middleware import csrf
from django.utils.deprecation import MiddlewareMixin


class _SkipStatelessPaths(MiddlewareMixin):
    # The four take a tenth of the time of a prediction.
    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info in settings.STATELESS_PATHS:
            return self.get_response(request)  # type: ignore[return-value]
        return super().__call__(request)  # type: ignore[return-value]


class SessionMiddleware(_SkipStatelessPaths, sessions.SessionMiddleware):
    pass


class CsrfViewMiddleware(_SkipStatelessPaths, csrf.CsrfViewMiddleware):
    pass


class AuthenticationMiddleware(_SkipStatelessPaths, auth.AuthenticationMiddleware):
    pass


class MessageMiddleware(_SkipStatelessPaths, messages.MessageMiddleware):
    pass
