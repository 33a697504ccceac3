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
        "label_source",
        "author_label",
        "settled_at",
        "is_hidden",
        "hidden_reason",
        "created_at",
    )

    @property
    def is_letterboxd(self) -> bool:
        return set(self.header) >= LETTERBOXD

    @classmethod
    def exported(cls, instances: QuerySet[MovieReview]) -> QuerySet[MovieReview]:
        # Held reviews are left out: it is not yet decided whether they count.
        return instances.filter(is_held=False).select_related("movie", "author", "origin")

    @classmethod
    def as_row(cls, instance: MovieReview) -> dict[str, Any]:
        """Return a review with what people said about it, without the model's label."""
        movie, author = instance.movie, instance.author
        return {
            "key": key_of(instance),
            "imdb_id": movie.imdb_id,
            "wikipedia_page": movie.wikipedia_page,
            "title": movie.title,
            "year": movie.year,
            "author": author.get_username() if author else "",
            "guest_name": instance.guest_name,
            "text": instance.text,
            "has_spoilers": int(instance.has_spoilers),
            "human_label": instance.human_label,
            "label_source": str(instance.label_source) if instance.human_label else "",
            "author_label": instance.author_label,
            "settled_at": instance.settled_at.isoformat() if instance.settled_at else "",
            "is_hidden": int(instance.is_hidden),
            "hidden_reason": instance.hidden_reason,
            "created_at": instance.created_at.isoformat(),
        }

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
