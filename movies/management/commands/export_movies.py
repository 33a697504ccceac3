from typing import Any

from common.importing.commands import ExportCommand
from movies.importing.files import MovieFile, movie_row
from movies.models import Movie, MovieQuerySet


class Command(ExportCommand):
    help = (
        "Write all movies to a file that import_movies reads: .csv or .json, plain or .gz; "
        "- prints CSV."
    )
    noun = "movies"
    file_class = MovieFile

    def queryset(self) -> MovieQuerySet:
        return Movie.objects.order_by("pk").prefetch_related("genres")

    def as_row(self, instance: Movie) -> dict[str, Any]:
        return movie_row(instance)
