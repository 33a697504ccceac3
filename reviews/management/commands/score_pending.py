from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from mlmodel.sentiment.errors import ModelUnavailable
from mlmodel.serving.champion import get_served
from reviews.models import MovieReview
from reviews.rescoring.pending import score_pending


class Command(BaseCommand):
    help = "Score the reviews that were stored while no model was available."

    def add_arguments(self, parser):
        parser.add_argument("--batch-size", type=int, default=200)

    def handle(self, *, batch_size, **options):
        n_unread = MovieReview.objects.unread().count()
        try:
            served = get_served()
        except ModelUnavailable as error:
            raise CommandError(f"{error}; {n_unread} reviews are unread.") from error
        labelled = score_pending(served, batch_size=batch_size)
        n_scored = sum(tqdm(labelled, total=n_unread, unit="review", disable=None))
        n_waiting = MovieReview.objects.unread().count()
        self.stdout.write(f"{n_scored} reviews scored; {n_waiting} still unread.")
