from common.importing.admin import FileResource
from reviews.importing.files import ReviewFile
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
