from typing import Any

from common.importing.admin import FileResource
from reviews.importing.files import ReviewFile, exported, review_row
from reviews.importing.importer import ReviewImport
from reviews.models import MovieReview


class ReviewResource(FileResource):
    file_class = ReviewFile
    job_class = ReviewImport
    noun = "reviews"

    class Meta:
        model = MovieReview
        fields = ("text",)
        use_transactions = True

    def exported(self, instances: Any) -> Any:
        return exported(instances)

    def as_row(self, instance: MovieReview) -> dict[str, Any]:
        return review_row(instance)
