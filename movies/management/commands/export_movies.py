from common.importing.commands import ExportCommand
from movies.importing.files import MovieFile
from movies.models import Movie


class Command(ExportCommand):
    help = (
        "Write all movies to a file that import_movies reads: .csv or .json, plain or .gz; "
        "- prints CSV."
    )
    noun = "movies"
    file_class = MovieFile
    model = Movie
