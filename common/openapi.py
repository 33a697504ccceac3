"""Error responses in the OpenAPI schema, all of one shape."""

from typing import Any

from drf_spectacular.openapi import AutoSchema
from rest_framework import serializers
from rest_framework.permissions import SAFE_METHODS

MEANINGS = {
    400: "The request or one of its fields is invalid.",
    401: "The token is invalid.",
    403: "You do not have permission to do this.",
    404: "The object or the page of results does not exist.",
    409: "Already exists: this account has reviewed the movie, or a curator has set the label.",
    413: "The request body is larger than 4 MB.",
    415: "The request body is not JSON.",
    429: "Too many requests; wait for the number of seconds in the Retry-After header.",
    503: "No sentiment model is loaded at the moment.",
}


class ErrorDetailSerializer(serializers.Serializer):
    code = serializers.CharField(help_text="Machine-readable and stable.")
    message = serializers.CharField(help_text="Human-readable, in the language of the request.")
    fields = serializers.DictField(  # type: ignore[assignment]  # DRF's own name for something else
        child=serializers.ListField(child=serializers.CharField()),
        help_text="Error messages by field name; empty if no field is at fault.",
    )


class ErrorSerializer(serializers.Serializer):
    """The body of every error response."""

    error = ErrorDetailSerializer()


class Schema(AutoSchema):
    """Add the errors that follow from the kind of operation; views declare the others."""

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        operation = super().get_operation(*args, **kwargs)
        if operation:
            responses = operation["responses"]
            named = {int(status) for status in responses if status in map(str, MEANINGS)}
            for status in named | self.usual_errors():
                responses[str(status)] = self.error_response(status)
            operation["responses"] = dict(sorted(responses.items()))
        return operation

    def usual_errors(self) -> set[int]:
        """Return the status codes that follow from the method and the view."""
        is_write = self.method not in SAFE_METHODS
        is_list = not is_write and self._is_list_view()
        possible = {
            400: self.method in ("POST", "PUT", "PATCH") or is_list,
            401: bool(self.view.get_authenticators()),
            403: is_write and bool(self.view.get_authenticators()),
            404: "{" in self.path or is_list,
            413: self.method in ("POST", "PUT", "PATCH"),
            415: self.method in ("POST", "PUT", "PATCH"),
            429: is_write and bool(self.view.throttle_classes),
        }
        return {status for status, is_possible in possible.items() if is_possible}

    def error_response(self, status: int) -> dict[str, Any]:
        error = self.resolve_serializer(ErrorSerializer, "response")
        response = {
            "content": {"application/json": {"schema": error.ref}},
            "description": MEANINGS[status],
        }
        if status == 429:
            response["headers"] = {"Retry-After": {"schema": {"type": "integer"}}}
        return response
