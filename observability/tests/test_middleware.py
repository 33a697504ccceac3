import io

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from observability.events import request_id
from observability.middleware import BodyLimitMiddleware, RequestIdMiddleware


def answer(request):
    return HttpResponse(request.body)


def test_valid_request_id_is_kept(client):
    response = client.get("/healthz", headers={"x-request-id": "edge-1234.abcd"})
    assert response["X-Request-ID"] == "edge-1234.abcd"


@pytest.mark.parametrize(
    "value",
    [
        *("", "short", "x" * 65, "has spaces in it", "a\nb-12345678"),
        *("192.168.10.20", "ip-10-0-12-7-4711", "from_203.0.113.77"),
    ],
)
def test_invalid_request_id_is_replaced(client, value):
    response_id = client.get("/healthz", headers={"x-request-id": value})["X-Request-ID"]
    assert response_id != value
    assert len(response_id) == 32


@pytest.mark.parametrize(
    "value",
    [
        "0f8fad5b-d9cb-469f-a165-70867728950e",
        "0af7651916cd43dd8448eb211c80319c",
        "1-58406520-a006649127e371903a2de979",
        "2026.10.31-build-7",
    ],
)
def test_usual_request_ids_are_kept(client, value):
    assert client.get("/healthz", headers={"x-request-id": value})["X-Request-ID"] == value


def test_request_ids_are_unique(client):
    assert len({client.get("/healthz")["X-Request-ID"] for _ in range(2)}) == 2


def test_request_id_is_bound_during_the_request_only():
    seen = []
    middleware = RequestIdMiddleware(lambda r: seen.append(request_id.get()) or HttpResponse())
    request = RequestFactory().get("/")
    middleware(request)
    assert seen == [request.request_id]
    assert request_id.get() == ""


@pytest.mark.parametrize("address", ["/", "/api/v1/predict/"])
def test_body_with_a_content_length_over_the_limit_is_rejected(settings, address):
    request = RequestFactory().post(address, b"x" * (settings.MAX_BODY_BYTES + 1), "text/plain")
    assert BodyLimitMiddleware(answer)(request).status_code == 413


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
