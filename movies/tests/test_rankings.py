import re

import pytest

from movies.rankings import RANKINGS

pytestmark = pytest.mark.django_db


def titles(client, name):
    return [movie.title for movie in client.get(f"/charts/{name}/").context["movies"]]


@pytest.fixture
def catalogue(make_movies):
    def make(title, year, n, low, high, verdict):
        freshness = {"freshness": (low + high) / 2, "freshness_low": low, "freshness_high": high}
        counts = {"n_reviews": n, "n_counted": n}
        make_movies(1, title=title, year=year, verdict=verdict, **freshness, **counts)

    make("Few love it", 2001, 5, 0.6, 1.0, "hot")
    make("Many love it", 2002, 500, 0.85, 0.9, "certified_hot")
    make("Half love it", 1990, 50, 0.42, 0.55, "rotten")
    make("Nobody loves it", 1991, 60, 0.0, 0.1, "rotten")
    make("Some love it", 1980, 6, 0.3, 0.9, "mixed")
    make("Who knows", 1981, 7, 0.35, 0.8, "mixed")
    make_movies(1, title="Nobody knows it", year=2010)


@pytest.mark.parametrize(
    ("name", "order"),
    [
        ("hottest", ["Many love it", "Few love it"]),
        ("rotten", ["Nobody loves it", "Half love it"]),
        ("half-baked", ["Some love it", "Who knows"]),
        (
            "divided",
            [
                *("Half love it", "Who knows", "Many love it", "Some love it"),
                *("Few love it", "Nobody loves it"),
            ],
        ),
        (
            "reviewed",
            [
                *("Many love it", "Nobody loves it", "Half love it", "Who knows", "Some love it"),
                "Few love it",
            ],
        ),
    ],
)
def test_ranking_has_its_movies_in_its_order(client, catalogue, name, order):
    assert titles(client, name) == order


def shown_keys(client, address):
    page = client.get(address).content.decode()
    return re.findall(r'data-testid="order-key">(.*?)<', page)


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("hottest", ["at least 85%", "at least 60%"]),
        ("rotten", ["at most 10%", "at most 55%"]),
        ("half-baked", ["between 30% and 90%", "between 35% and 80%"]),
        ("divided", ["at least 42% on either side", "at least 20% on either side"]),
        ("reviewed", ["500 reviews counted", "60 reviews counted"]),
    ],
)
def test_entry_of_a_ranking_shows_what_decides_its_place(client, catalogue, name, keys):
    assert shown_keys(client, f"/charts/{name}/")[:2] == keys


@pytest.mark.parametrize(
    ("sort", "key"),
    [("divided", "at least 42% on either side"), ("reviewed", "500 reviews counted")],
)
def test_sorted_list_shows_what_decides_the_order(client, catalogue, sort, key):
    assert shown_keys(client, f"/movies/?sort={sort}")[0] == key


@pytest.mark.parametrize("sort", ["", "title", "newest", "freshest", "nonsense"])
def test_list_by_what_every_card_shows_repeats_nothing(client, catalogue, sort):
    assert shown_keys(client, f"/movies/?sort={sort}") == []


def test_ranking_of_the_newest_includes_movies_without_reviews(client, catalogue):
    assert titles(client, "newest")[:2] == ["Nobody knows it", "Many love it"]


@pytest.mark.parametrize("name", RANKINGS)
def test_queries_of_a_ranking_do_not_grow_with_the_movies(
    client, catalogue, make_movies, name, count_queries
):
    few = count_queries(client.get, f"/charts/{name}/")
    make_movies(40, n_reviews=9, n_counted=9, freshness=0.7, freshness_low=0.6, freshness_high=0.8)
    assert count_queries(client.get, f"/charts/{name}/") == few


@pytest.mark.parametrize("name", RANKINGS)
def test_empty_ranking_shows_a_note(client, db, name):
    assert "No movie has earned a place" in client.get(f"/charts/{name}/").content.decode()


def test_unknown_ranking_is_not_found(client, db):
    assert client.get("/charts/best-ever/").status_code == 404
