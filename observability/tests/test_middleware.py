import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from observability.events import request_id
from observability.middleware import RequestIdMiddleware


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
        "edge-1234.abcd",
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
