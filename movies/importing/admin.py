from typing import Any

from common.importing.admin import FileResource
from movies.importing.files import MovieFile, movie_row
from movies.importing.importer import MovieImport
from movies.models import Movie


class MovieResource(FileResource):
    file_class = MovieFile
    job_class = MovieImport
    noun = "movies"

    class Meta:
        model = Movie
        fields = ("title",)
        use_transactions = True

    def exported(self, instances: Any) -> Any:
        return instances.prefetch_related("genres")

    def as_row(self, instance: Movie) -> dict[str, Any]:
        return movie_row(instance)
