import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from movies.importing.exporter import export_movies
from movies.models import Movie


class Command(BaseCommand):
    help = (
        "Write every film to a file that import_movies reads: .csv or .json, plain or .gz; "
        "- is the screen, as CSV."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--progress", action="store_true", help="a bar even without a terminal")

    def handle(self, *, file: Path, progress: bool, **options: Any) -> None:
        is_shown = progress or sys.stderr.isatty()
        try:
            with tqdm(total=Movie.objects.count(), unit="film", disable=not is_shown) as bar:
                n = export_movies(file, on_row=bar.update)
        except OSError as error:
            raise CommandError(f"{file} cannot be written: {error.strerror}.") from error
        self.stderr.write(f"{n:,} films in {file}")
