import pytest
from rest_framework import exceptions

from common import errors

pytestmark = pytest.mark.django_db


def shape(response):
    body = response.json()
    assert set(body) == {"error"}
    assert set(body["error"]) == {"code", "message", "fields"}
    return response.status_code, body["error"]["code"]


@pytest.mark.parametrize(
    "address",
    [
        *("/api/", "/api/v1/", "/api/v1/nonsense/", "/api/v2/movies/"),
        # No redirect without a page, or to another host.
        *("/api/v1/nonsense", "/api//evil.example/movies"),
    ],
)
@pytest.mark.parametrize("method", ["get", "post", "delete"])
def test_unknown_api_address_is_a_json_404(client, address, method):
    assert shape(getattr(client, method)(address)) == (404, "not_found")


def test_unknown_api_address_needs_no_csrf_token(settings):
    from django.test import Client

    assert shape(Client(enforce_csrf_checks=True).post("/api/nonsense/")) == (404, "not_found")


@pytest.mark.parametrize("method", ["get", "post"])
def test_api_address_without_its_slash_is_redirected_with_its_method(client, method):
    response = getattr(client, method)("/api/v1/movies?page=2")
    assert (response.status_code, response["Location"]) == (308, "/api/v1/movies/?page=2")


@pytest.fixture
def broken_api(monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("a secret of ours")

    monkeypatch.setattr("movies.api.MovieViewSet.list", fail)


def test_exception_in_the_api_is_a_500_in_the_error_shape(client, broken_api):
    client.raise_request_exception = False
    response = client.get("/api/v1/movies/")
    assert shape(response) == (500, "server_error")
    assert "secret" not in response.content.decode()


def test_exception_in_a_page_is_an_html_500(client, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("a secret of ours")

    monkeypatch.setattr("reviews.pages.views.HomePage.get_context_data", fail)
    client.raise_request_exception = False
    response = client.get("/")
    assert response.status_code == 500
    assert "secret" not in response.content.decode()


def test_unknown_host_is_rejected(client, settings):
    settings.ALLOWED_HOSTS = ["example.com"]
    response = client.get("/api/v1/movies/", headers={"host": "evil.example"})
    assert shape(response) == (400, "bad_request")


@pytest.mark.parametrize(
    ("detail", "fields"),
    [
        ({"texts": {3: ["Long."]}, "text": ["No."]}, {"texts.3": ["Long."], "text": ["No."]}),
        ([{}, {"text": ["No."]}], {"1.text": ["No."]}),
    ],
)
def test_nested_errors_get_dotted_names(detail, fields):
    assert errors.flatten(exceptions.ValidationError(detail).detail) == fields


def test_error_of_the_whole_request_names_no_field():
    response = errors.exception_handler(exceptions.ValidationError("Choose one."), {})
    assert response.data["error"]["message"] == "Choose one."
    assert response.data["error"]["fields"] == {"non_field_errors": ["Choose one."]}
