"""The files from and to which movies are imported and exported."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet

from common.importing.files import ImportFileError, RowFile
from movies.models import CATALOGUED, Movie


class MovieFile(RowFile):
    """A JSON list of objects, or a CSV file whose lists are separated by ``|``."""

    columns = (*CATALOGUED[:4], "genres", *CATALOGUED[4:])

    @classmethod
    def exported(cls, instances: QuerySet) -> QuerySet:
        return instances.prefetch_related("genres")

    @classmethod
    def as_row(cls, instance: Movie) -> dict[str, Any]:
        row = {name: getattr(instance, name) for name in CATALOGUED}
        return row | {"genres": [genre.name for genre in instance.genres.all()]}

    @classmethod
    def check_header(cls, header: Sequence[str]) -> None:
        is_known = set(header) <= set(cls.columns) and len(set(header)) == len(header)
        if is_known and set(header) >= {"title", "year"}:
            return
        raise ImportFileError(
            f"has the wrong columns ({', '.join(header)[:200] or 'none'}); "
            f"expected {', '.join(cls.columns)}, of which only title and year are required."
        )
