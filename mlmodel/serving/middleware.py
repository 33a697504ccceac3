from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from mlmodel.serving.champion import pin_model


class PinModelMiddleware:
    """Use one model for the whole request, even if another one is promoted during it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with pin_model():
            return self.get_response(request)
