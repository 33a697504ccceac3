"""Our three estimates against those of QuaPy, which works on reviews instead of histograms."""

import numpy as np
import pytest
from quapy.method.aggregative import ACC, EMQ, PACC
from sklearn.dummy import DummyClassifier

from mlmodel.sentiment.models.quantification import (
    TYPICAL_P,
    adjusted_count,
    estimate_share,
    histogram_of,
    measure_reader,
    probabilistic_adjusted_count,
)

SHARES = [0.02, 0.2, 0.5, 0.65, 0.9, 1.0]


def read(labels, random):
    """Calibrated readings, each the typical one of its bin: the histogram then loses nothing."""
    decisions = random.normal(np.where(labels, 1.3, -1.3), 1.2)
    p = 1 / (1 + np.exp(-2 * 1.3 / 1.2**2 * decisions))
    return TYPICAL_P[np.minimum((p * len(TYPICAL_P)).astype(int), len(TYPICAL_P) - 1)]


def both(p):
    return np.column_stack([1 - p, p])


@pytest.fixture
def random():
    return np.random.default_rng(7)


@pytest.fixture
def unseen(random):
    """Labels and readings of the reviews on which the reader is measured."""
    labels = random.random(4000) < 0.5
    return labels, read(labels, random)


@pytest.fixture(params=SHARES)
def film(request, random):
    return read(random.random(400) < request.param, random)


def theirs(method, readings_of_reader, labels, readings_of_film):
    # QuaPy wants a fitted classifier, and asks it for nothing but its classes.
    fitted = DummyClassifier().fit([[0], [0]], [0, 1])
    quantifier = method(fitted, fit_classifier=False, val_split=None, solver="exact-raise")
    quantifier.aggregation_fit(readings_of_reader, labels.astype(int))
    return quantifier.aggregate(readings_of_film)[1]


def test_expectation_maximisation_is_quapys(film):
    shares, _ = EMQ.EM(np.array([0.5, 0.5]), both(film), epsilon=1e-8)
    assert estimate_share(histogram_of(film)).estimate == pytest.approx(shares[1], abs=1e-4)


def test_the_adjusted_count_is_quapys(unseen, film):
    labels, p = unseen
    expected = theirs(ACC, (p >= 0.5).astype(int), labels, (film >= 0.5).astype(int))
    ours = adjusted_count(histogram_of(film), reader=measure_reader(labels, p))
    assert ours.estimate == pytest.approx(expected, abs=1e-6)


def test_the_probabilistic_adjusted_count_is_quapys(unseen, film):
    labels, p = unseen
    expected = theirs(PACC, both(p), labels, both(film))
    ours = probabilistic_adjusted_count(histogram_of(film), reader=measure_reader(labels, p))
    assert ours.estimate == pytest.approx(expected, abs=1e-6)
