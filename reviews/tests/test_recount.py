import pytest
from django.core.management import CommandError, call_command

from movies.models import Movie

pytestmark = pytest.mark.django_db


@pytest.fixture
def drifted(movie, make_reviews):
    make_reviews(movie, 5)
    Movie.objects.update(n_positive=2, freshness=0.4, verdict="rotten")
    return movie


def test_drift_is_reported_and_not_corrected(drifted, capsys):
    with pytest.raises(CommandError, match="1 of 1 movies drifted"):
        call_command("recount")
    assert "n_positive is 2, should be 5" in capsys.readouterr().out
    assert Movie.objects.get().n_positive == 2


def test_fix_corrects_the_drift(drifted, capsys):
    call_command("recount", fix=True)
    call_command("recount")
    assert capsys.readouterr().out.endswith("drift: none.\n")
    assert Movie.objects.get().has_verdict


def test_fix_corrects_the_counters_of_a_movie_without_reviews(movie, capsys):
    Movie.objects.update(n_reviews=3)
    call_command("recount", fix=True)
    assert Movie.objects.get().n_reviews == 0
