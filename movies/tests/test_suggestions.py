import pytest

pytestmark = pytest.mark.django_db


def suggested(client, q):
    return client.get("/movies/suggest/", {"q": q}).json()["movies"]


def test_films_are_suggested_with_address_and_verdict(client, make_movies):
    make_movies(1, title="Heat", year=1995, verdict="hot", freshness=0.7)
    assert suggested(client, "hea") == [
        {"title": "Heat", "year": 1995, "url": "/movies/heat-1995/", "verdict": "70% Hot"}
    ]


def test_a_suggestion_without_a_verdict_says_none(client, make_movies):
    make_movies(1, title="Heat", year=1995)
    assert suggested(client, "heat")[0]["verdict"] == ""


@pytest.mark.parametrize("q", ["", " ", "he", "\0", "%", "'\"", "x" * 10_000])
def test_what_nobody_can_mean_suggests_nothing(client, make_movies, q):
    make_movies(1, title="Heat")
    assert suggested(client, q) == []


def test_only_a_few_are_suggested(client, make_movies):
    make_movies(30, title="Heat")
    assert len(suggested(client, "heat")) == 7


def test_every_page_offers_suggestions_and_a_plain_form(client, db):
    page = client.get("/").content.decode()
    assert 'data-suggest="/movies/suggest/"' in page
    assert 'action="/movies/" role="search"' in page
