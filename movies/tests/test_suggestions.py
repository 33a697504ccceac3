import pytest

pytestmark = pytest.mark.django_db


def suggested(client, q):
    return client.get("/movies/suggest/", {"q": q}).json()["movies"]


def test_suggestions_have_an_address_and_a_verdict(client, make_movies):
    make_movies(1, title="Heat", year=1995, verdict="hot", freshness=0.7)
    assert suggested(client, "hea") == [
        {"title": "Heat", "year": 1995, "url": "/movies/heat-1995/", "verdict": "70% Hot"}
    ]


def test_suggestion_of_a_movie_without_a_verdict_has_none(client, make_movies):
    make_movies(1, title="Heat", year=1995)
    assert suggested(client, "heat")[0]["verdict"] == ""


@pytest.mark.parametrize("q", ["", " ", "he", "\0", "%", "'\"", "x" * 10_000])
def test_meaningless_text_has_no_suggestions(client, make_movies, q):
    make_movies(1, title="Heat")
    assert suggested(client, q) == []


def test_number_of_suggestions_is_limited(client, make_movies):
    make_movies(30, title="Heat")
    assert len(suggested(client, "heat")) == 7


def test_every_page_offers_suggestions_and_a_plain_form(client, db):
    page = client.get("/").content.decode()
    assert 'data-suggest="/movies/suggest/"' in page
    assert 'action="/movies/" role="search"' in page
