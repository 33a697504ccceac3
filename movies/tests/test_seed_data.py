import csv
import json
from collections import Counter

import pytest
from django.utils.text import slugify

from movies.importing.importer import SEED_FILE
from movies.importing.rows import parse_row
from movies.posters.layout import LOOKS


@pytest.fixture(scope="module")
def movies():
    return [parse_row(movie) for movie in json.loads(SEED_FILE.read_text(encoding="utf-8"))]


@pytest.fixture(scope="module")
def reviews():
    with (SEED_FILE.parent / "demo_reviews.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_seed_has_every_movie_once(movies):
    assert len({movie.imdb_id for movie in movies}) == len(movies)
    assert len({movie.title_key for movie in movies}) == len(movies)
    assert all(movie.imdb_id for movie in movies)


def test_every_seeded_movie_has_all_fields(movies):
    for movie in movies:
        assert movie.directors
        assert movie.cast
        assert movie.runtime_min
        assert 12 <= len(movie.synopsis.split()) <= 35


def test_every_genre_of_the_seed_has_posters_of_its_own(movies):
    genres = {genre for movie in movies for genre in movie.genres}
    assert {slugify(genre) for genre in genres} <= set(LOOKS)


def test_there_are_at_least_400_different_demo_reviews(reviews):
    texts = {" ".join(review["review"].casefold().split()) for review in reviews}
    assert len(texts) == len(reviews) >= 400


def test_six_in_ten_demo_reviews_are_positive(reviews):
    counts = Counter(review["sentiment"] for review in reviews)
    assert set(counts) == {"positive", "negative"}
    assert counts["positive"] / counts.total() == pytest.approx(0.6, abs=0.05)


def test_demo_reviews_have_a_movie_and_an_author(movies, reviews):
    seeded = {(movie.imdb_id, movie.title, str(movie.year)) for movie in movies}
    for review in reviews:
        assert (review["imdb_id"], review["title"], review["year"]) in seeded
        assert 0 < len(review["guest_name"]) <= 60
