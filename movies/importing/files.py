"""The files from and to which movies are imported and exported."""

from collections.abc import Sequence
from typing import Any

from common.importing.files import ImportFileError, RowFile
from movies.models import Movie

REQUIRED_COLUMNS = {"title", "year"}


class MovieFile(RowFile):
    """A JSON list of objects, or a CSV file whose lists are separated by ``|``."""

    columns = (
        "title",
        "year",
        "directors",
        "cast",
        "genres",
        "runtime_min",
        "synopsis",
        "poster_url",
        "imdb_id",
        "wikipedia_page",
    )

    @classmethod
    def check_header(cls, header: Sequence[str]) -> None:
        is_known = set(header) <= set(cls.columns) and len(set(header)) == len(header)
        if is_known and set(header) >= REQUIRED_COLUMNS:
            return
        raise ImportFileError(
            f"has the wrong columns ({', '.join(header)[:200] or 'none'}); "
            f"expected {', '.join(cls.columns)}, of which only title and year are required."
        )


def movie_row(movie: Movie) -> dict[str, Any]:
    """Return a movie as ``import_movies`` reads it. Its genres should be prefetched."""
    row = {name: getattr(movie, name) for name in MovieFile.columns if name != "genres"}
    return row | {"genres": [genre.name for genre in movie.genres.all()]}
