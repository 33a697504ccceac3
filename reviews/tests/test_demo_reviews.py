from datetime import timedelta

import pytest
from django.utils import timezone

from movies.models import Movie
from reviews import freshness
from reviews.importing.demo import load_demo_reviews
from reviews.models import Label, MovieReview

ROWS = """\
review,sentiment,imdb_id,title,year,guest_name
"A good movie, truly.",positive,tt0000001,The One,1990,Ana
Bad.,negative,,The Other,1991,Bo
Bad and badder.,positive,,The Other,1991,Cy
Good.,positive,tt9999999,Unknown,2000,Di
"""


@pytest.fixture
def demo(db, tmp_path):
    Movie.objects.create(title="The One", year=1990, imdb_id="tt0000001")
    Movie.objects.create(title="The Other", year=1991)
    path = tmp_path / "demo_reviews.csv"
    path.write_text(ROWS, encoding="utf-8")
    return path


def test_demo_reviews_are_scored_and_counted(demo, release):
    assert load_demo_reviews(demo) == 3
    other = Movie.objects.get(title="The Other")
    assert (other.n_reviews, other.n_counted, other.n_positive) == (2, 2, 0)
    assert {review.release for review in MovieReview.objects.all()} == {release}
    assert all(freshness.recount(movie) == {} for movie in Movie.objects.all())


def test_true_label_of_a_demo_review_is_not_stored(demo):
    load_demo_reviews(demo)
    assert set(MovieReview.objects.values_list("human_label", flat=True)) == {""}
    assert MovieReview.objects.get(text="Bad and badder.").label == Label.NEGATIVE


def test_demo_reviews_are_dated_over_the_last_months(demo):
    load_demo_reviews(demo)
    moments = [review.created_at for review in MovieReview.objects.all()]
    assert max(moments) - min(moments) > timedelta(days=1)
    assert timezone.now() - timedelta(weeks=40, minutes=1) < min(moments)
    assert max(moments) < timezone.now()
