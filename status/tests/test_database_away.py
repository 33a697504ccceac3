"""Without a database the site answers 503."""

import pytest
from django.db import OperationalError, connection
from django.test import Client


def fail(execute, sql, params, many, context):
    raise OperationalError("server closed the connection unexpectedly")


@pytest.fixture
def get(db):
    """Requests an address while every query fails."""
    client = Client(raise_request_exception=False)

    def get_response(address):
        with connection.execute_wrapper(fail):
            return client.get(address)

    return get_response


def test_page_without_the_database_is_503_with_retry_after(get):
    page = get("/movies/")
    assert (page.status_code, page["Retry-After"]) == (503, "30")
    assert b"Back in the ground" in page.content


def test_api_without_the_database_has_the_usual_shape_of_an_error(get):
    body = get("/api/v1/movies/").json()
    assert body["error"]["code"] == "unavailable"


def test_form_with_a_stale_token_has_an_error_page(db):
    client = Client(enforce_csrf_checks=True)
    page = client.post("/try/", {"text": "Good."})
    assert page.status_code == 403
    assert b"gone stale" in page.content
