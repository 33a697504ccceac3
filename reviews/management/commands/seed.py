from django.core.management.base import BaseCommand

from mlmodel.drift_days import WINDOW_DAYS
from movies.importing import seed_movies
from movies.models import Movie
from reviews.demo import load_demo_reviews
from reviews.drift import count_days


class Command(BaseCommand):
    help = "Load the hand-written catalogue and its reviews; what is there already stays."

    def add_arguments(self, parser):
        parser.add_argument(
            "--if-empty", action="store_true", help="do nothing if there are movies already"
        )

    def handle(self, *, if_empty, **options):
        if if_empty and Movie.objects.exists():
            self.stdout.write("There are movies already; nothing to seed.")
            return
        n_movies = seed_movies().created
        n_reviews = load_demo_reviews()
        count_days(WINDOW_DAYS)  # from tomorrow on `drift` does, once a day
        self.stdout.write(f"{n_movies} movies and {n_reviews} reviews added.")
