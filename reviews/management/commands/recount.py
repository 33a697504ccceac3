from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from tqdm import tqdm

from movies.models import Movie
from reviews import freshness
from reviews.models import MovieReview


class Command(BaseCommand):
    help = "Recount every movie's reviews and report counters that are wrong."

    def add_arguments(self, parser):
        parser.add_argument("--fix", action="store_true", help="correct the counters")

    def handle(self, *, fix, **options):
        reviewed = Exists(MovieReview.objects.filter(movie=OuterRef("pk")))
        to_count = Movie.objects.filter(
            reviewed | Q(n_reviews__gt=0) | Q(freshness__isnull=False)
        ).order_by("pk")
        movie_ids = list(to_count.values_list("pk", flat=True))
        bar = tqdm(movie_ids, unit="movie", disable=None)
        n_drifted = sum(self.recount(movie_id, fix) for movie_id in bar)
        if not n_drifted:
            self.stdout.write(f"{len(movie_ids)} movies counted; drift: none.")
        elif fix:
            self.stdout.write(f"{len(movie_ids)} movies counted; {n_drifted} corrected.")
        else:
            raise CommandError(
                f"{n_drifted} of {len(movie_ids)} movies drifted; --fix corrects them."
            )

    def recount(self, movie_id: int, fix: bool) -> bool:
        with transaction.atomic():
            movie = freshness.lock_movie(movie_id)
            drift = freshness.recount(movie, save=fix)
        for name, (stored, right) in drift.items():
            self.stdout.write(f"{movie}: {name} is {stored}, should be {right}")
        return bool(drift)
