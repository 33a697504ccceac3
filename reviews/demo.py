"""Load the hand-written demo reviews of a new site."""

import csv
import zlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from mlmodel.sentiment.errors import ModelUnavailable
from mlmodel.serving.champion import get_served
from movies.models import Movie
from reviews import freshness
from reviews.models import MovieReview

SPREAD = timedelta(weeks=40)  # long enough for a history of the freshness


def load_demo_reviews(path: Path | None = None) -> int:
    """Add the demo reviews that are missing, and return their number.

    The current model scores them; their true labels are not stored.
    """
    rows = _read(path or settings.DATA_DIR / "demo_reviews.csv")
    with transaction.atomic():
        movies = _lock_movies(rows)
        reviews = _new_reviews(rows, movies)
        _apply_model(reviews)
        MovieReview.objects.bulk_create(reviews, batch_size=500)
        _spread_in_time(reviews)
        for movie in {review.movie_id: review.movie for review in reviews}.values():
            freshness.recount(movie, save=True)
    return len(reviews)


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _lock_movies(rows: list[dict[str, str]]) -> dict[object, Movie]:
    """Lock the movies of the rows; return them by IMDb id and by title and year."""
    titles = {row["title"] for row in rows}
    movies: dict[object, Movie] = {}
    for movie in freshness.lock_movies(Movie.objects.filter(title__in=titles)):
        movies[movie.title, movie.year] = movie
        if movie.imdb_id:
            movies[movie.imdb_id] = movie
    return movies


def _new_reviews(rows: list[dict[str, str]], movies: dict[object, Movie]) -> list[MovieReview]:
    stored = MovieReview.objects.filter(movie__in=set(movies.values()), author=None)
    keys = set(stored.values_list("movie_id", "text"))
    reviews = []
    for row in rows:
        movie = movies.get(row["imdb_id"]) or movies.get((row["title"], int(row["year"])))
        if movie and (movie.pk, row["review"]) not in keys:
            keys.add((movie.pk, row["review"]))
            reviews.append(
                MovieReview(movie=movie, text=row["review"], guest_name=row["guest_name"])
            )
    return reviews


def _apply_model(reviews: list[MovieReview]) -> None:
    try:
        served = get_served()
    except ModelUnavailable:
        return  # score_pending will score them
    predictions = served.scorer.predict_many([review.text for review in reviews])
    for review, prediction in zip(reviews, predictions, strict=True):
        review.apply(prediction, served.release)


def _spread_in_time(reviews: Iterable[MovieReview]) -> None:
    """Derive each date from the text, so that all installations show the same order."""
    now = timezone.now()
    for review in reviews:
        review.created_at = review.updated_at = _moment(review.text, before=now)
    # In a second query, because the first always stores the current time.
    MovieReview.objects.bulk_update(reviews, ["created_at", "updated_at"], batch_size=250)


def _moment(text: str, *, before: datetime) -> datetime:
    return before - SPREAD * (zlib.crc32(text.encode()) / 2**32)
