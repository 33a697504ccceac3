import pytest
from django.core.management import call_command

from mlmodel.models import DriftDay
from movies.models import Movie
from reviews.models import MovieReview

pytestmark = pytest.mark.django_db


def test_seeding_gives_movies_with_verdicts(capsys):
    call_command("seed")
    assert Movie.objects.count() >= 60
    assert MovieReview.objects.count() >= 400
    assert Movie.objects.filter(n_reviews__lt=5).count() == 0
    assert Movie.objects.exclude(verdict="none").exists()


def test_seeding_twice_adds_nothing():
    call_command("seed")
    before = Movie.objects.count(), MovieReview.objects.count()
    call_command("seed")
    assert (Movie.objects.count(), MovieReview.objects.count()) == before


def test_if_empty_leaves_a_site_with_movies_alone(movie):
    call_command("seed", if_empty=True)
    assert Movie.objects.count() == 1


def test_a_fresh_site_has_days_of_reviews_to_look_for_drift_in(release):
    call_command("seed")
    assert DriftDay.objects.count() > 7
