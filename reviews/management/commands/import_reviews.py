import sys
from argparse import ArgumentParser
from itertools import islice
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from movies.importing.files import ImportFileError
from movies.management.commands.import_movies import SHOWN, Differences, positive
from reviews.importing.files import ReviewFile
from reviews.importing.importer import BATCH_SIZE, ReviewImport
from reviews.importing.rows import ReviewRow, read_letterboxd, read_row

MAX_BATCH_SIZE = 5_000
LETTERBOXD_GUEST = "Letterboxd"


class Command(BaseCommand):
    help = (
        "Import reviews from CSV, plain or .gz: with a film's imdb_id, wikipedia_page or title and "
        "year, or Letterboxd's reviews.csv. Run again, it changes nothing: a review is found again "
        "by its key, and what differs is kept. The model reads what is new."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--author", help="the account that wrote them (Letterboxd)")
        parser.add_argument(
            "--guest-name", default=LETTERBOXD_GUEST, help="else this name (Letterboxd)"
        )
        parser.add_argument("--overwrite", action="store_true", help="replace what differs")
        parser.add_argument("--dry-run", action="store_true", help="say what would change")
        parser.add_argument(
            "--show", type=positive, default=SHOWN, help=f"differences to show ({SHOWN})"
        )
        parser.add_argument("--batch", type=positive, default=BATCH_SIZE, help="reviews at once")
        parser.add_argument("--limit", type=positive, help="stop after so many reviews")
        parser.add_argument("--progress", action="store_true", help="a bar even without a terminal")

    def handle(self, *, file: Path, author: str | None, dry_run: bool, **options: Any) -> None:
        if author and not User.objects.filter(username=author).exists():
            raise CommandError(f"There is no account {author!r}.")
        tell = Differences(self.stdout.write, limit=options["show"])
        try:
            job = self.run_import(file, author or "", dry_run, tell, **options)
        except ImportFileError as error:
            raise CommandError(str(error)) from error
        if dry_run:
            tell.finish()
            self.stdout.write("Dry run, nothing was written:")
        for line in job.summary.lines():
            self.stdout.write(line)

    def run_import(
        self, file: Path, author: str, dry_run: bool, tell: Differences, **options: Any
    ) -> ReviewImport:
        reviews = ReviewFile(file)

        def read(row: Any) -> ReviewRow:
            if not reviews.is_letterboxd:
                return read_row(row)
            return read_letterboxd(row, author=author, guest_name=options["guest_name"])

        job = ReviewImport(
            overwrite=options["overwrite"],
            dry_run=dry_run,
            on_change=tell if dry_run else lambda line: None,
        )
        is_shown = options["progress"] or sys.stderr.isatty()
        with tqdm(total=reviews.size, unit="B", unit_scale=True, disable=not is_shown) as bar:
            job.run(
                islice(reviews.rows(), options["limit"]),
                read,
                batch_size=min(options["batch"], MAX_BATCH_SIZE),
                on_batch=lambda: bar.update(reviews.position - bar.n),
            )
        return job
