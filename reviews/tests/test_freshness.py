import pytest

from mlmodel.sentiment.models.quantification import N_BINS, Share, estimate_share
from movies.models import Verdict
from reviews import freshness
from reviews.submission import settle_label


def test_four_reviews_give_no_verdict(movie, make_reviews):
    make_reviews(movie, 4)
    assert (movie.verdict, movie.freshness, movie.freshness_low) == (Verdict.NONE, None, None)


def test_fifth_review_gives_a_verdict(movie, make_reviews):
    make_reviews(movie, 5)
    assert movie.has_verdict
    assert movie.freshness_low < movie.freshness <= movie.freshness_high


def test_freshness_is_the_estimate_from_the_histogram_and_the_human_labels(
    movie, make_review, make_reviews
):
    make_reviews(movie, 5)
    make_reviews(movie, 2, "Bad.")
    settle_label(review=make_review(movie, "zzz"), human_label="negative")
    movie.refresh_from_db()
    histogram = [0] * N_BINS
    histogram[18], histogram[2] = 5, 2
    share = estimate_share(histogram, 0, 1)
    assert movie.p_histogram == histogram
    assert (movie.freshness, movie.freshness_low) == (share.estimate, share.low)


@pytest.mark.parametrize(
    ("estimate", "low", "previous", "verdict"),
    [
        (0.59, 0.50, Verdict.NONE, Verdict.ROTTEN),
        (0.60, 0.30, Verdict.NONE, Verdict.HOT),
        (0.75, 0.60, Verdict.NONE, Verdict.CERTIFIED_HOT),
        (0.75, 0.59, Verdict.HOT, Verdict.HOT),
        (0.74, 0.70, Verdict.HOT, Verdict.HOT),
        (0.74, 0.55, Verdict.CERTIFIED_HOT, Verdict.CERTIFIED_HOT),
        (0.70, 0.40, Verdict.CERTIFIED_HOT, Verdict.CERTIFIED_HOT),
        (0.69, 0.65, Verdict.CERTIFIED_HOT, Verdict.HOT),
        (0.59, 0.55, Verdict.CERTIFIED_HOT, Verdict.ROTTEN),
    ],
)
def test_verdict_follows_the_thresholds_and_does_not_flicker(estimate, low, previous, verdict):
    assert freshness.choose_verdict(Share(estimate, low, 1.0), previous=previous) == verdict


def test_verdict_without_an_estimate_is_none():
    assert freshness.choose_verdict(None, previous=Verdict.CERTIFIED_HOT) == Verdict.NONE


def test_recount_keeps_a_verdict_that_was_earned_before(movie, make_reviews):
    make_reviews(movie, 6)
    assert movie.verdict == Verdict.CERTIFIED_HOT
    make_reviews(movie, 2, "Bad.")
    assert movie.freshness >= 0.70
    assert movie.verdict == Verdict.CERTIFIED_HOT
    assert freshness.recount(movie) == {}
