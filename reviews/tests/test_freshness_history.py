"""Monthly counts, and the freshness over time that they give."""

from datetime import UTC, date, datetime

import pytest

from reviews import freshness, freshness_history
from reviews.models import FreshnessMonth, MovieReview
from reviews.submission import settle_label, withdraw_review

pytestmark = pytest.mark.django_db


def months(movie):
    rows = FreshnessMonth.objects.filter(movie=movie).order_by("month")
    return [(row.month, row.counts) for row in rows if any(row.counts)]


def move_to(review, year, month):
    moment = datetime(year, month, 15, tzinfo=UTC)
    MovieReview.objects.filter(pk=review.pk).update(created_at=moment)


@pytest.fixture
def old_movie(movie, make_review):
    """Return a movie with five good reviews in March and five bad ones in May."""
    for number in range(10):
        review = make_review(movie, "Good." if number < 5 else "Bad.")
        move_to(review, 2025, 3 if number < 5 else 5)
    freshness.recount(movie, save=True)
    movie.refresh_from_db()
    return movie


def test_review_is_counted_in_its_month(movie, make_review):
    make_review(movie, "Good.")
    [(month, counts)] = months(movie)
    assert month == date.today().replace(day=1)
    assert (sum(counts), counts[18]) == (1, 1)


def test_withdrawn_review_is_removed_from_its_month(old_movie):
    withdraw_review(review=old_movie.reviews.filter(label="positive").first())
    assert [sum(counts) for _month, counts in months(old_movie)] == [4, 5]


def test_human_label_is_counted_in_the_month_of_the_review(old_movie):
    settle_label(review=old_movie.reviews.filter(label="negative").first(), human_label="positive")
    assert months(old_movie)[1][1][freshness_history.SLOT_OF_HUMAN["positive"]] == 1


def test_last_point_is_the_current_freshness(old_movie):
    march, may = freshness_history.moments(old_movie)
    assert (march.month, march.n_counted) == (date(2025, 3, 1), 5)
    assert march.share.estimate > may.share.estimate == pytest.approx(old_movie.freshness)


def test_history_has_no_points_before_there_are_enough_reviews(movie, make_reviews):
    make_reviews(movie, 4)
    assert freshness_history.moments(movie) == []


def test_recount_finds_and_corrects_a_wrong_month(old_movie):
    FreshnessMonth.objects.filter(month="2025-03-01").update(counts=[0] * freshness_history.N_SLOTS)
    assert list(freshness.recount(old_movie, save=True)) == ["month 2025-03"]
    assert freshness.recount(old_movie) == {}


def test_history_is_thinned_out_to_the_points_that_fit(old_movie, django_assert_num_queries):
    counts = [1] * freshness_history.N_SLOTS
    FreshnessMonth.objects.bulk_create(
        FreshnessMonth(movie=old_movie, month=date(1990 + n // 12, n % 12 + 1, 1), counts=counts)
        for n in range(300)
    )
    with django_assert_num_queries(1):
        moments = freshness_history.moments(old_movie)
    assert len(moments) == freshness_history.MAX_POINTS
    assert (moments[0].month, moments[-1].month) == (date(1990, 1, 1), date(2025, 5, 1))
