"""A database that does not answer is a pause, not a fault."""

import pytest
from django.db import OperationalError, connection
from django.test import Client


def refuse(execute, sql, params, many, context):
    raise OperationalError("server closed the connection unexpectedly")


@pytest.fixture
def answer(db):
    """Asks an address while every query fails."""
    client = Client(raise_request_exception=False)

    def ask(address):
        with connection.execute_wrapper(refuse):
            return client.get(address)

    return ask


def test_a_page_without_a_database_says_when_to_come_back(answer):
    page = answer("/movies/")
    assert (page.status_code, page["Retry-After"]) == (503, "30")
    assert b"Back in the ground" in page.content


def test_the_api_without_a_database_says_so_in_its_shape(answer):
    body = answer("/api/v1/movies/").json()
    assert body["error"]["code"] == "unavailable"


def test_a_stale_form_is_explained(db):
    client = Client(enforce_csrf_checks=True)
    page = client.post("/try/", {"text": "Good."})
    assert page.status_code == 403
    assert b"gone stale" in page.content
