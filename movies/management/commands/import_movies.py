import sys
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from movies.importing.files import FilmFile, ImportFileError
from movies.importing.importer import BATCH_SIZE, CatalogueImport

MAX_BATCH_SIZE = 10_000  # SQLite takes 32,766 parameters in the one query that is not split


SHOWN = 100


def positive(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise ArgumentTypeError(f"{text!r} is not a number above 0")
    return int(text)


class Differences:
    """Prints the first few lines that it is told, and counts the others."""

    def __init__(self, write: Callable[[str], object], limit: int) -> None:
        self.write, self.limit, self.n = write, limit, 0

    def __call__(self, line: str) -> None:
        self.n += 1
        if self.n <= self.limit:
            self.write(line)

    def finish(self) -> None:
        if self.n > self.limit:
            self.write(f"... and {self.n - self.limit:,} more differences (--show)")


class Command(BaseCommand):
    help = (
        "Import films from JSON (a list, as Wikipedia's) or CSV, plain or .gz. "
        "Run again, it changes nothing: a film is found again, and only what is empty is filled."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--overwrite", action="store_true", help="replace what differs")
        parser.add_argument("--dry-run", action="store_true", help="say what would change")
        parser.add_argument(
            "--show", type=positive, default=SHOWN, help=f"differences to show ({SHOWN})"
        )
        parser.add_argument("--batch", type=positive, default=BATCH_SIZE, help="films at once")
        parser.add_argument("--limit", type=positive, help="stop after so many films")
        parser.add_argument("--progress", action="store_true", help="a bar even without a terminal")

    def handle(
        self,
        *,
        file: Path,
        overwrite: bool,
        dry_run: bool,
        batch: int,
        progress: bool,
        **options: Any,
    ) -> None:
        try:
            films = FilmFile(file)
            tell = Differences(self.stdout.write, limit=options["show"]) if dry_run else None
            job = CatalogueImport(
                overwrite=overwrite, dry_run=dry_run, on_change=tell or (lambda line: None)
            )
            is_shown = progress or sys.stderr.isatty()
            with tqdm(total=films.size, unit="B", unit_scale=True, disable=not is_shown) as bar:
                job.run(
                    islice(films.films(), options["limit"]),
                    batch_size=min(batch, MAX_BATCH_SIZE),
                    on_batch=lambda: bar.update(films.position - bar.n),
                )
        except ImportFileError as error:
            raise CommandError(str(error)) from error
        if tell:
            tell.finish()
            self.stdout.write("Dry run, nothing was written:")
        for line in job.summary.lines():
            self.stdout.write(line)
