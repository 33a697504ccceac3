from common.importing.commands import ImportCommand
from movies.importing.files import MovieFile
from movies.importing.importer import MovieImport


class Command(ImportCommand):
    help = (
        "Import movies from JSON (a list, such as Wikipedia's) or CSV, plain or .gz. Running it "
        "again changes nothing: known movies are recognised, and only empty fields are filled."
    )
    noun = "movies"
    file_class = MovieFile
    job_class = MovieImport
