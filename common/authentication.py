from django.utils.translation import gettext_lazy as _
from rest_framework import authentication, exceptions
from rest_framework.request import Request


class TokenAuthentication(authentication.TokenAuthentication):
    """Answer 401 to any other ``Authorization`` header; in DRF the sender is a guest."""

    def authenticate(self, request: Request):
        account = super().authenticate(request)
        if account is None and "HTTP_AUTHORIZATION" in request.META:
            raise exceptions.AuthenticationFailed(
                _("The Authorization header must be the word Token, a space and your token."),
                code="bad_authorization_header",
            )
        return account
