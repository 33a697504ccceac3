"""The prediction alone, which a page inserts while a visitor writes."""

from django.http import HttpRequest

FRAGMENT = "mlmodel/_prediction.html"


def wants_fragment(request: HttpRequest) -> bool:
    """Return whether preview.js sent the request."""
    return request.headers.get("X-Preview") == "1"
