"""Our three estimates against those of QuaPy, which works on reviews instead of histograms."""

import numpy as np
import pytest
from quapy.method.aggregative import ACC, EMQ, PACC
from sklearn.dummy import DummyClassifier

from mlmodel.sentiment.models.quantification import (
    BIN_MEANS,
    adjusted_count,
    estimate_rates,
    estimate_share,
    histogram_of,
    probabilistic_adjusted_count,
)

SHARES = [0.02, 0.2, 0.5, 0.65, 0.9, 1.0]


def predict(labels, random):
    """Calibrated probabilities, each its bin's mean, so that the histogram loses nothing."""
    decisions = random.normal(np.where(labels, 1.3, -1.3), 1.2)
    p = 1 / (1 + np.exp(-2 * 1.3 / 1.2**2 * decisions))
    return BIN_MEANS[np.minimum((p * len(BIN_MEANS)).astype(int), len(BIN_MEANS) - 1)]


def both(p):
    return np.column_stack([1 - p, p])


@pytest.fixture
def random():
    return np.random.default_rng(7)


@pytest.fixture
def unseen(random):
    """Labels and probabilities of the reviews from which the rates are estimated."""
    labels = random.random(4000) < 0.5
    return labels, predict(labels, random)


@pytest.fixture(params=SHARES)
def movie(request, random):
    return predict(random.random(400) < request.param, random)


def theirs(method, predictions_unseen, labels, predictions_movie):
    # QuaPy needs a fitted classifier, but uses only its classes.
    fitted = DummyClassifier().fit([[0], [0]], [0, 1])
    quantifier = method(fitted, fit_classifier=False, val_split=None, solver="exact-raise")
    quantifier.aggregation_fit(predictions_unseen, labels.astype(int))
    return quantifier.aggregate(predictions_movie)[1]


def test_expectation_maximisation_is_quapys(movie):
    shares, _ = EMQ.EM(np.array([0.5, 0.5]), both(movie), epsilon=1e-8)
    assert estimate_share(histogram_of(movie)).estimate == pytest.approx(shares[1], abs=1e-4)


def test_the_adjusted_count_is_quapys(unseen, movie):
    labels, p = unseen
    expected = theirs(ACC, (p >= 0.5).astype(int), labels, (movie >= 0.5).astype(int))
    ours = adjusted_count(histogram_of(movie), rates=estimate_rates(labels, p))
    assert ours.estimate == pytest.approx(expected, abs=1e-6)


def test_the_probabilistic_adjusted_count_is_quapys(unseen, movie):
    labels, p = unseen
    expected = theirs(PACC, both(p), labels, both(movie))
    ours = probabilistic_adjusted_count(histogram_of(movie), rates=estimate_rates(labels, p))
    assert ours.estimate == pytest.approx(expected, abs=1e-6)
