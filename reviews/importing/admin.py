from typing import Any

from movies.importing.admin import FileResource
from reviews.importing.exporter import exported, review_row
from reviews.importing.files import COLUMNS, ReviewFile
from reviews.importing.importer import ReviewImport
from reviews.importing.rows import read_row
from reviews.models import MovieReview


class ReviewResource(FileResource):
    file_class = ReviewFile
    columns = COLUMNS
    command = "reviews"

    class Meta:
        model = MovieReview
        fields = ("text",)
        use_transactions = True

    def make_job(self) -> ReviewImport:
        return ReviewImport()

    def run(self, row: dict[str, Any]) -> None:
        self.job.run([row], read_row)

    def with_related(self, rows: Any) -> Any:
        return rows.filter(pk__in=exported()).select_related("movie", "author", "origin")

    def as_row(self, instance: MovieReview) -> dict[str, Any]:
        return review_row(instance)
