from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import QuerySet
from django.utils.crypto import salted_hmac

from mlmodel.error_summary import summarize
from mlmodel.sentiment.io.dataset_files import write_rows
from reviews.models import LabelSource, MovieReview

# The first four are the columns of every dataset; the others identify the row and its source.
COLUMNS = ["review", "sentiment", "imdb_id", "rating", "review_hash", "settled_at", "source"]


def review_hash(pk: int) -> str:
    """Return an id of a review that only this site can resolve."""
    return salted_hmac("reviews.export_labels", str(pk), algorithm="sha256").hexdigest()[:16]


class Command(BaseCommand):
    help = "Export the labels set by people as CSV, for `manage.py dataset --with-labels`."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, nargs="?", help="default: data/labels.csv")

    def handle(self, *, file: Path | None, **options) -> None:
        target = file or settings.DATA_DIR / "labels.csv"
        settled = MovieReview.objects.settled()
        exported = MovieReview.objects.for_training().order_by("pk")
        try:
            write_rows(target, COLUMNS, self.rows(exported))
        except OSError as error:
            raise CommandError(f"{target} cannot be written: {summarize(error)}") from error
        by_source = ", ".join(
            f"{self.n_written[source]:,} by {source}s"
            for source in (LabelSource.CURATOR, LabelSource.AUTHOR)
        )
        n_written = self.n_written.total()
        self.stdout.write(f"{n_written:,} human labels written to {target} ({by_source})")
        if n_hidden := settled.filter(is_hidden=True).count():
            self.stdout.write(f"  {n_hidden:,} labels of hidden reviews left out")
        if n_doubtful := settled.visible().count() - n_written:
            self.stdout.write(
                f"  {n_doubtful:,} labels by authors left out: the model cannot read the text, or "
                "the review is held back"
            )

    def rows(self, settled: QuerySet[MovieReview]) -> Iterator[list[str]]:
        self.n_written: Counter[str] = Counter()
        for review in settled.select_related("movie").iterator():
            source = str(review.label_source)
            self.n_written[source] += 1
            settled_at = review.settled_at.isoformat() if review.settled_at else ""
            identity = [review_hash(review.pk), settled_at, source]
            yield [review.text, review.human_label, review.movie.imdb_id or "", "", *identity]
