from common.importing.admin import FileResource
from movies.importing.files import MovieFile
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
