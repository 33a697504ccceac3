"""Reviews into a file that ``import_reviews`` reads."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.db.models import QuerySet

from movies.importing.exporter import write_csv
from reviews.importing.external_ids import key_of
from reviews.importing.files import COLUMNS
from reviews.models import MovieReview


def exported() -> QuerySet[MovieReview]:
    """All but what is held back: whether that counts is not decided yet."""
    return MovieReview.objects.filter(is_held=False).order_by("pk")


def export_reviews(path: Path, on_row: Callable[[], object] = lambda: None) -> int:
    """Write text and what people said of it, not what a model did; how many."""

    def rows() -> Iterator[dict[str, Any]]:
        for review in exported().select_related("movie", "author", "origin").iterator():
            yield review_row(review)
            on_row()

    return write_csv(path, COLUMNS, rows())


def review_row(review: MovieReview) -> dict[str, Any]:
    movie = review.movie
    return {
        "key": key_of(review),
        "imdb_id": movie.imdb_id,
        "wikipedia_page": movie.wikipedia_page,
        "title": movie.title,
        "year": movie.year,
        "author": review.author.get_username() if review.author else "",
        "guest_name": review.guest_name,
        "text": review.text,
        "has_spoilers": int(review.has_spoilers),
        "human_label": review.human_label,
        "settled_at": review.settled_at.isoformat() if review.settled_at else "",
        "is_hidden": int(review.is_hidden),
        "hidden_reason": review.hidden_reason,
        "created_at": review.created_at.isoformat(),
    }
