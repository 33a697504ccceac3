"""What a page asks for while somebody writes: the reading alone, to be put into the page."""

from django.http import HttpRequest

FRAGMENT = "mlmodel/_prediction.html"


def wants_fragment(request: HttpRequest) -> bool:
    """Whether preview.js asks."""
    return request.headers.get("X-Preview") == "1"
