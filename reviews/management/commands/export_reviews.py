from typing import Any

from common.importing.commands import ExportCommand
from reviews.importing.files import ReviewFile
from reviews.models import MovieReview


class Command(ExportCommand):
    help = (
        "Write the reviews and their human labels to a CSV file, plain or .gz, that "
        "import_reviews reads (- prints it). The model's labels are left out."
    )
    noun = "reviews"
    file_class = ReviewFile
    model = MovieReview

    def handle(self, **options: Any) -> None:
        super().handle(**options)
        if n_held := MovieReview.objects.filter(is_held=True).count():
            self.stderr.write(f"  {n_held:,} reviews held for a curator are left out")
