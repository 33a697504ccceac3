"""The seed and the demo reviews are what they promise to be."""

import csv
import json
from collections import Counter

import pytest

from movies.importing.importer import SEED_FILE
from movies.importing.rows import read_row

GENRES = {
    "Action",
    "Adventure",
    "Animation",
    "Comedy",
    "Crime",
    "Documentary",
    "Drama",
    "Family",
    "Fantasy",
    "History",
    "Horror",
    "Music",
    "Mystery",
    "Romance",
    "Science Fiction",
    "Sport",
    "Thriller",
    "War",
    "Western",
}


@pytest.fixture(scope="module")
def films():
    return [read_row(film) for film in json.loads(SEED_FILE.read_text(encoding="utf-8"))]


@pytest.fixture(scope="module")
def reviews():
    with (SEED_FILE.parent / "demo_reviews.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_there_are_at_least_60_films(films):
    assert len(films) >= 60


def test_every_film_is_there_once(films):
    assert len({film.imdb_id for film in films}) == len(films)
    assert len({film.title_key for film in films}) == len(films)
    assert all(film.imdb_id for film in films)


def test_every_film_has_all_its_facts(films):
    for film in films:
        assert film.directors
        assert film.cast
        assert film.runtime_min
        assert 12 <= len(film.synopsis.split()) <= 35


def test_genres_come_from_a_short_list(films):
    assert all(set(film.genres) <= GENRES for film in films)


def test_every_film_has_at_least_five_reviews(films, reviews):
    counts = Counter(review["imdb_id"] for review in reviews)
    assert set(counts) == {film.imdb_id for film in films}
    assert min(counts.values()) >= 5


def test_there_are_at_least_400_reviews_all_different(reviews):
    texts = {" ".join(review["review"].casefold().split()) for review in reviews}
    assert len(texts) == len(reviews) >= 400


def test_about_six_in_ten_reviews_are_positive(reviews):
    counts = Counter(review["sentiment"] for review in reviews)
    assert set(counts) == {"positive", "negative"}
    assert counts["positive"] / counts.total() == pytest.approx(0.6, abs=0.05)


def test_reviews_name_their_film_and_their_author(films, reviews):
    known = {(film.imdb_id, film.title, str(film.year)) for film in films}
    for review in reviews:
        assert (review["imdb_id"], review["title"], review["year"]) in known
        assert 0 < len(review["guest_name"]) <= 60
