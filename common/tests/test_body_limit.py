import io

from django.http import HttpResponse
from django.test import RequestFactory

from common.body_limit import BodyLimitMiddleware


def answer(request):
    return HttpResponse(request.body)


def test_body_at_the_limit_is_accepted(settings):
    request = RequestFactory().post("/", b"x" * settings.MAX_BODY_BYTES, "text/plain")
    assert BodyLimitMiddleware(answer)(request).status_code == 200


def chunked(body: bytes, *, has_an_end: bool = True):
    """Return a chunked request as gunicorn passes it on: without a length, but with an end."""
    request = RequestFactory().generic("POST", "/api/", b"", "text/plain")
    request.META["HTTP_TRANSFER_ENCODING"] = "chunked"
    request.META["wsgi.input"] = io.BytesIO(body)
    request.META["wsgi.input_terminated"] = has_an_end
    return request


def test_chunked_body_is_read():
    assert BodyLimitMiddleware(answer)(chunked(b"hello")).content == b"hello"


def test_chunked_body_over_the_limit_is_rejected(settings):
    request = chunked(b"x" * (settings.MAX_BODY_BYTES + 1))
    assert BodyLimitMiddleware(answer)(request).status_code == 413


def test_chunked_body_without_an_end_is_rejected():
    assert BodyLimitMiddleware(answer)(chunked(b"x", has_an_end=False)).status_code == 411


def test_page_rejects_a_large_body_with_an_error_page(client, db, settings):
    response = client.post("/", b"x" * (settings.MAX_BODY_BYTES + 1), content_type="text/plain")
    assert response.status_code == 413
    assert response["Content-Type"].startswith("text/html")
    assert "Content-Security-Policy" in response
