from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from mlmodel.sentiment.models.quantification import (
    N_BINS,
    ClassifierRates,
    adjusted_count,
    bin_of,
    estimate_rates,
    estimate_share,
    histogram_of,
    probabilistic_adjusted_count,
    probability_of_share,
    wilson_interval,
)

RATES = ClassifierRates(0.9, 0.1, 0.85, 0.15)

histograms = st.lists(st.integers(0, 50), min_size=N_BINS, max_size=N_BINS)


def by_em(*counts, rates):
    return estimate_share(*counts)


every_estimate = pytest.mark.parametrize(
    "estimate", [by_em, adjusted_count, probabilistic_adjusted_count]
)


@every_estimate
def test_without_reviews_there_is_no_share(estimate):
    assert estimate([], rates=RATES) is None


@pytest.mark.parametrize("p", [-0.1, 1.1, float("nan")])
def test_bin_of_rejects_a_number_that_is_not_a_probability(p):
    with pytest.raises(ValueError, match="not a probability"):
        bin_of(p)


def test_probabilities_0_and_1_have_a_bin():
    assert (bin_of(0.0), bin_of(1.0)) == (0, N_BINS - 1)


@every_estimate
@given(histogram=histograms, n_positive=st.integers(0, 30), n_negative=st.integers(0, 30))
def test_share_interval_contains_the_estimate(estimate, histogram, n_positive, n_negative):
    share = estimate(histogram, n_positive, n_negative, rates=RATES)
    if share is not None:
        assert 0 <= share.low <= share.estimate <= share.high <= 1


@given(histograms)
def test_swapping_the_classes_mirrors_the_share(histogram):
    share, mirrored = estimate_share(histogram), estimate_share(histogram[::-1])
    if share is not None:
        assert share.estimate == pytest.approx(1 - mirrored.estimate, abs=1e-3)


@every_estimate
def test_human_labels_alone_count_as_they_are(estimate):
    assert estimate([], 75, 25, rates=RATES).estimate == pytest.approx(0.75)


@every_estimate
def test_human_label_narrows_the_interval_more_than_a_prediction(estimate):
    certain = estimate(histogram_of([0.3, 0.7] * 10), 10, 10, rates=RATES)
    predicted = estimate(histogram_of([0.3, 0.7] * 20), rates=RATES)
    assert certain.high - certain.low < predicted.high - predicted.low


def test_less_accurate_classifier_gives_a_wider_interval():
    histogram = histogram_of([0.9] * 50 + [0.1] * 50)
    sharp, dull = (
        adjusted_count(histogram, rates=ClassifierRates(rate, 1 - rate, 0.8, 0.2))
        for rate in (0.95, 0.7)
    )
    assert dull.high - dull.low > 1.5 * (sharp.high - sharp.low)


@pytest.mark.parametrize("estimate", [adjusted_count, probabilistic_adjusted_count])
def test_adjusting_a_guessing_classifier_is_an_error(estimate):
    with pytest.raises(ValueError, match="equal rates for both classes"):
        estimate(histogram_of([0.5]), rates=ClassifierRates(0.5, 0.5, 0.5, 0.5))


def test_rates_are_estimated_for_each_class():
    labels = np.array([True, True, False, False])
    rates = estimate_rates(labels, np.array([0.62, 0.42, 0.58, 0.12]))
    assert (rates.true_positive_rate, rates.false_positive_rate) == (0.5, 0.5)
    assert rates.mean_p_of_positives == pytest.approx((0.625 + 0.425) / 2)
    assert rates.mean_p_of_negatives == pytest.approx((0.575 + 0.125) / 2)


def test_rates_need_both_classes():
    assert estimate_rates(np.array([True, True]), np.array([0.6, 0.9])) is None


def test_wilson_interval_agrees_with_the_textbook():
    # 8 of 10 at 90 %: 0.541 to 0.931.
    assert wilson_interval(0.8, 10) == pytest.approx((0.541, 0.931), abs=0.001)


def test_more_reviews_narrow_the_interval():
    few, many = (estimate_share(histogram_of([0.9] * 4 * n + [0.1] * n)) for n in (2, 40))
    assert many.high - many.low < (few.high - few.low) / 2


def test_the_interval_covers_the_truth():
    random = np.random.default_rng(1)
    p = np.linspace(0.005, 0.995, 100)
    covered = 0
    for _ in range(300):
        true = random.uniform(0.1, 0.95)
        positive = random.random(30) < true
        draws = np.where(
            positive,
            random.choice(p, size=30, p=p**3 / (p**3).sum()),
            random.choice(p, size=30, p=(1 - p) ** 3 / ((1 - p) ** 3).sum()),
        )
        # These densities' ratio is (p / (1 - p)) ** 3: the calibrated probability follows.
        calibrated = draws**3 / (draws**3 + (1 - draws) ** 3)
        share = estimate_share(histogram_of(calibrated))
        covered += share.low <= positive.mean() <= share.high
    assert covered >= 0.88 * 300


@pytest.mark.parametrize(
    ("n_positive", "n_negative", "low", "high"),
    [
        # Where s ** positive * (1 - s) ** negative is exp(-1.645 ** 2 / 2) = 0.2585 of its maximum.
        (3, 1, 0.347, 0.970),
        (10, 0, 0.874, 1.000),
        (60, 40, 0.518, 0.678),
    ],
)
def test_interval_is_the_90_percent_likelihood_interval(n_positive, n_negative, low, high):
    share = estimate_share([], n_positive, n_negative)
    assert (share.low, share.high) == pytest.approx((low, high), abs=0.0015)


@pytest.mark.parametrize(
    ("n_positive", "n_negative"), [(0, 0), (8, 2), (61, 39), (6_050, 3_950), (6_000_300, 3_999_700)]
)
def test_probability_of_a_share_is_that_of_the_beta_distribution_for_human_labels(
    n_positive, n_negative
):
    exact = stats.beta.sf(0.6, n_positive + 1, n_negative + 1)
    assert probability_of_share(0.6, [], n_positive, n_negative) == pytest.approx(exact, abs=1e-5)


@given(histogram=histograms, n_positive=st.integers(0, 30), n_negative=st.integers(0, 30))
def test_probabilities_of_a_share_and_of_its_mirror_image_add_up_to_one(
    histogram, n_positive, n_negative
):
    at_least = probability_of_share(0.6, histogram, n_positive, n_negative)
    at_most = probability_of_share(0.4, histogram[::-1], n_negative, n_positive)
    assert at_least + at_most == pytest.approx(1)


def test_another_positive_review_makes_a_share_more_probable():
    reviews = [histogram_of([0.9] * n + [0.1] * 3) for n in range(9)]
    assert all(
        probability_of_share(0.6, fewer) < probability_of_share(0.6, more)
        for fewer, more in pairwise(reviews)
    )


@pytest.mark.parametrize("threshold", [0.0, 1.0, float("nan")])
def test_probability_of_a_share_needs_a_threshold_inside_the_interval(threshold):
    with pytest.raises(ValueError, match="not between 0 and 1"):
        probability_of_share(threshold, [])
