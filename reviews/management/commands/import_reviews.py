from argparse import ArgumentParser
from functools import partial
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import CommandError

from common.importing.commands import ImportCommand
from reviews.importing.files import ReviewFile
from reviews.importing.importer import ReviewImport
from reviews.importing.rows import ReviewRow, parse_letterboxd, parse_row


class Command(ImportCommand):
    help = (
        "Import reviews from CSV, plain or .gz: with a movie's imdb_id, wikipedia_page or title "
        "and year, or Letterboxd's reviews.csv. Running it again changes nothing: known reviews "
        "are recognised by their key and kept. The model scores new reviews."
    )
    noun = "reviews"
    file_class = ReviewFile
    job_class = ReviewImport

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--author", help="the account that wrote them (Letterboxd)")
        parser.add_argument(
            "--guest-name", default="Letterboxd", help="the author without an account (Letterboxd)"
        )

    def make_job(self, file: Any, *, options: dict[str, Any], **settings: Any) -> ReviewImport:
        author, guest_name = options["author"], options["guest_name"]
        if author and not User.objects.filter(username=author).exists():
            raise CommandError(f"There is no account {author!r}.")
        letterboxd = partial(parse_letterboxd, author=author or "", guest_name=guest_name)

        def parse(row: Any) -> ReviewRow:
            # The header, which distinguishes the formats, is read with the first row.
            return letterboxd(row) if file.is_letterboxd else parse_row(row)

        return ReviewImport(parse, **settings)
