from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from mlmodel.serving import champion


class OneModelMiddleware:
    """A request has one model from its first line to the page's foot, whatever is promoted."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with champion.one_model():
            return self.get_response(request)
