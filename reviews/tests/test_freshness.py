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
    ("estimate", "low", "p_hot", "previous", "verdict"),
    [
        (0.75, 0.60, 0.96, Verdict.NONE, Verdict.CERTIFIED_HOT),
        (0.75, 0.59, 0.94, Verdict.HOT, Verdict.HOT),
        (0.74, 0.61, 0.96, Verdict.HOT, Verdict.HOT),
        (0.74, 0.55, 0.90, Verdict.CERTIFIED_HOT, Verdict.CERTIFIED_HOT),
        (0.70, 0.40, 0.70, Verdict.CERTIFIED_HOT, Verdict.CERTIFIED_HOT),
        (0.69, 0.62, 0.96, Verdict.CERTIFIED_HOT, Verdict.HOT),
        (0.69, 0.40, 0.70, Verdict.CERTIFIED_HOT, Verdict.MIXED),
        (0.40, 0.20, 0.05, Verdict.CERTIFIED_HOT, Verdict.ROTTEN),
    ],
)
def test_certified_hot_is_earned_by_the_interval_and_lost_below_70_percent(
    estimate, low, p_hot, previous, verdict
):
    share = Share(estimate, low, 1.0)
    assert freshness.choose_verdict(share, p_hot, previous=previous) == verdict


@pytest.mark.parametrize(
    ("p_hot", "verdict"),
    [
        (0.81, Verdict.HOT),
        (0.79, Verdict.MIXED),
        (0.21, Verdict.MIXED),
        (0.19, Verdict.ROTTEN),
    ],
)
def test_movie_is_half_baked_where_the_probability_decides_neither_way(settings, p_hot, verdict):
    settings.VERDICT_DECIDED = 0.8
    share = Share(0.6, 0.3, 0.9)
    assert freshness.choose_verdict(share, p_hot, previous=Verdict.NONE) == verdict


def test_verdict_without_an_estimate_is_none():
    assert freshness.choose_verdict(None, 0.5, previous=Verdict.CERTIFIED_HOT) == Verdict.NONE


def test_movie_with_reviews_on_both_sides_is_half_baked(movie, make_reviews):
    make_reviews(movie, 4)
    make_reviews(movie, 2, "Bad.")
    assert movie.freshness_low < 0.6 < movie.freshness_high
    assert movie.verdict == Verdict.MIXED


@pytest.mark.parametrize(
    ("n_bad", "verdict", "binary"),
    [(2, "mixed", "hot"), (4, "mixed", "rotten"), (9, "rotten", "rotten")],
)
def test_the_version_before_still_reads_hot_or_rotten(movie, make_reviews, n_bad, verdict, binary):
    make_reviews(movie, 4)
    make_reviews(movie, n_bad, "Bad.")
    assert (movie.verdict, movie.binary_verdict) == (verdict, binary)


def test_recount_finds_no_drift_in_a_half_baked_movie(movie, make_reviews):
    make_reviews(movie, 4)
    make_reviews(movie, 2, "Bad.")
    assert freshness.recount(movie) == {}


def test_recount_decides_again_after_a_change_of_the_threshold(movie, make_reviews, settings):
    make_reviews(movie, 4)
    make_reviews(movie, 2, "Bad.")
    settings.VERDICT_DECIDED = 0.51
    assert freshness.recount(movie, save=True)["verdict"] == ("mixed", "hot")


def test_recount_keeps_a_verdict_that_was_earned_before(movie, make_reviews):
    make_reviews(movie, 6)
    assert movie.verdict == Verdict.CERTIFIED_HOT
    make_reviews(movie, 2, "Bad.")
    assert movie.freshness >= 0.70
    assert movie.verdict == Verdict.CERTIFIED_HOT
    assert freshness.recount(movie) == {}
