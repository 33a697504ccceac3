from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.crypto import salted_hmac

from mlmodel.error_summary import summarize
from mlmodel.sentiment.io.dataset_files import write_rows
from reviews.models import MovieReview

# The first four are the columns of every dataset; the others identify the row.
COLUMNS = ["review", "sentiment", "imdb_id", "rating", "review_hash", "settled_at"]


def review_hash(pk: int) -> str:
    """Return an id of a review that only this site can resolve."""
    return salted_hmac("reviews.export_labels", str(pk), algorithm="sha256").hexdigest()[:16]


class Command(BaseCommand):
    help = "Export the labels set by people as CSV, for `manage.py dataset --with-labels`."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, nargs="?", help="default: data/labels.csv")

    def handle(self, *, file: Path | None, **options) -> None:
        target = file or settings.DATA_DIR / "labels.csv"
        settled = MovieReview.objects.settled().order_by("pk")
        try:
            write_rows(target, COLUMNS, self.rows(settled.visible()))
        except OSError as error:
            raise CommandError(f"{target} cannot be written: {summarize(error)}") from error
        self.stdout.write(f"{self.n_written:,} human labels written to {target}")
        if n_hidden := settled.filter(is_hidden=True).count():
            self.stdout.write(f"  {n_hidden:,} labels of hidden reviews left out")

    def rows(self, settled) -> Iterator[list[str]]:
        self.n_written = 0
        values = settled.values_list("text", "human_label", "movie__imdb_id", "pk", "settled_at")
        for text, label, imdb_id, pk, settled_at in values.iterator():
            self.n_written += 1
            yield [text, label, imdb_id or "", "", review_hash(pk), settled_at.isoformat()]
