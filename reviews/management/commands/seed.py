from django.core.management.base import BaseCommand

from mlmodel.monitoring.daily_profiles import WINDOW_DAYS
from movies.importing.importer import seed_movies
from movies.models import Movie
from reviews.daily_profiles import count_days
from reviews.importing.demo import load_demo_reviews


class Command(BaseCommand):
    help = "Load the hand-written movies and their reviews; existing data is kept."

    def add_arguments(self, parser):
        parser.add_argument(
            "--if-empty", action="store_true", help="do nothing if there are any movies"
        )

    def handle(self, *, if_empty, **options):
        if if_empty and Movie.objects.exists():
            self.stdout.write("There are already movies; nothing was added.")
            return
        n_movies = seed_movies().created
        n_reviews = load_demo_reviews()
        count_days(WINDOW_DAYS)  # `manage.py drift` does this every day
        self.stdout.write(f"{n_movies} movies and {n_reviews} reviews added.")
