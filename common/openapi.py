"""What the OpenAPI schema says of errors: which an operation may answer, all in one shape."""

from typing import Any

from drf_spectacular.openapi import AutoSchema
from rest_framework import serializers
from rest_framework.permissions import SAFE_METHODS

MEANINGS = {
    400: "The request, or one of its fields, makes no sense.",
    401: "The token is wrong.",
    403: "Not allowed, or not yours to change.",
    404: "There is no such thing, or no such page of it.",
    409: "It stands already: the movie's review by this account, or the label a person settled.",
    413: "The request is larger than 4 MB.",
    415: "The request is not JSON.",
    429: "Too many requests; Retry-After says for how many seconds to wait.",
    503: "No sentiment model is loaded at the moment.",
}


class ErrorDetailSerializer(serializers.Serializer):
    code = serializers.CharField(help_text="For programs; it does not change.")
    message = serializers.CharField(help_text="For people.")
    fields = serializers.DictField(  # type: ignore[assignment]  # DRF's own name for something else
        child=serializers.ListField(child=serializers.CharField()),
        help_text="What was wrong with which field; empty if it was none.",
    )


class ErrorSerializer(serializers.Serializer):
    """Every error has this shape."""

    error = ErrorDetailSerializer()


class Schema(AutoSchema):
    """A view names the errors that only it knows; those that come from its kind are added here."""

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
        """The errors that follow from what is asked, and of whom."""
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
