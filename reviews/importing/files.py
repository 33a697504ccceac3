"""The files from and to which reviews are imported and exported."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet

from common.importing.files import ImportFileError, RowFile
from reviews.importing.external_ids import key_of
from reviews.models import MovieReview

OTHER_NAMES = {"review": "text"}
# Columns of data sets. They are ignored, because the label is the model's to predict.
IGNORED_COLUMNS = {"sentiment", "rating"}
MOVIE_COLUMNS = ({"imdb_id"}, {"wikipedia_page"}, {"title", "year"})  # one of these is required
LETTERBOXD = {"Date", "Name", "Year", "Letterboxd URI", "Review"}


class ReviewFile(RowFile):
    """A CSV file in our own format, or Letterboxd's ``reviews.csv``."""

    kinds = ("csv",)
    columns = (
        "key",
        "imdb_id",
        "wikipedia_page",
        "title",
        "year",
        "author",
        "guest_name",
        "text",
        "has_spoilers",
        "human_label",
        "settled_at",
        "is_hidden",
        "hidden_reason",
        "created_at",
    )

    @property
    def is_letterboxd(self) -> bool:
        return set(self.header) >= LETTERBOXD

    @classmethod
    def check_header(cls, header: Sequence[str]) -> None:
        if set(header) >= LETTERBOXD:
            return
        names = [OTHER_NAMES.get(name, name) for name in header]
        unknown = set(names) - {*cls.columns, *IGNORED_COLUMNS}
        has_movie = any(columns <= set(names) for columns in MOVIE_COLUMNS)
        if has_movie and "text" in names and not unknown and len(set(names)) == len(names):
            return
        raise ImportFileError(
            f"has the wrong columns ({', '.join(header)[:200] or 'none'}); expected text, and "
            "imdb_id, wikipedia_page or title and year, and any of "
            f"{', '.join(sorted(cls.columns))}; or those of Letterboxd's reviews.csv."
        )


def exported(reviews: QuerySet[MovieReview]) -> QuerySet[MovieReview]:
    """Leave out held reviews: it is not yet decided whether they count."""
    return reviews.filter(is_held=False).select_related("movie", "author", "origin").order_by("pk")


def review_row(review: MovieReview) -> dict[str, Any]:
    """Return a review with what people said about it, without the model's label."""
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
