import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from reviews.importing.exporter import export_reviews, exported
from reviews.models import MovieReview


class Command(BaseCommand):
    help = (
        "Write the reviews to a CSV file, plain or .gz, that import_reviews reads (- is the "
        "screen): words and what people said of them. Labels of the model are not in it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--progress", action="store_true", help="a bar even without a terminal")

    def handle(self, *, file: Path, progress: bool, **options: Any) -> None:
        is_shown = progress or sys.stderr.isatty()
        try:
            with tqdm(total=exported().count(), unit="review", disable=not is_shown) as bar:
                n = export_reviews(file, on_row=bar.update)
        except OSError as error:
            raise CommandError(f"{file} cannot be written: {error.strerror}.") from error
        self.stderr.write(f"{n:,} reviews in {file}")
        if n_held := MovieReview.objects.filter(is_held=True).count():
            self.stderr.write(f"  {n_held:,} held back for a curator are left out")
