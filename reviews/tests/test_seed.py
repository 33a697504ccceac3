import pytest
from django.core.management import call_command

from mlmodel.models import DriftDay
from movies.models import Movie
from reviews.models import MovieReview

pytestmark = pytest.mark.django_db


def test_seed_adds_movies_with_verdicts(capsys):
    call_command("seed")
    assert Movie.objects.count() >= 60
    assert MovieReview.objects.count() >= 400
    assert Movie.objects.filter(n_reviews__lt=5).count() == 0
    assert Movie.objects.exclude(verdict="none").exists()


def test_second_seed_adds_nothing():
    call_command("seed")
    before = Movie.objects.count(), MovieReview.objects.count()
    call_command("seed")
    assert (Movie.objects.count(), MovieReview.objects.count()) == before


def test_seed_if_empty_does_nothing_if_there_are_movies(movie):
    call_command("seed", if_empty=True)
    assert Movie.objects.count() == 1


def test_seed_adds_daily_profiles(release):
    call_command("seed")
    assert DriftDay.objects.count() > 7
