import numpy as np
import pytest

from mlmodel.sentiment.evaluation.metrics import (
    brier,
    by_length,
    calibration_error,
    confusion,
    evaluate,
    freshness_error,
    reliability,
)

LABELS = np.array([True, True, False, False])
P = np.array([0.9, 0.4, 0.2, 0.6])


def readable(n):
    return np.ones(n, dtype=bool)


def test_brier_is_the_mean_squared_error():
    assert brier(LABELS, P) == pytest.approx((0.01 + 0.36 + 0.04 + 0.36) / 4)


def test_every_review_is_in_one_cell_of_the_confusion_matrix():
    assert confusion(LABELS, P) == {
        "true_positive": 1,
        "false_positive": 1,
        "true_negative": 1,
        "false_negative": 1,
    }


def test_probabilities_that_come_true_have_no_calibration_error():
    labels = np.array([True] * 7 + [False] * 3)
    assert calibration_error(labels, np.full(10, 0.7)) == pytest.approx(0)


def test_overconfidence_is_a_calibration_error():
    labels = np.array([True] * 7 + [False] * 3)
    assert calibration_error(labels, np.full(10, 1.0)) == pytest.approx(0.3)


def test_reliability_compares_probabilities_with_true_shares():
    labels = np.array([True, False, True, True])
    assert reliability(labels, np.array([0.2, 0.3, 0.8, 1.0]), bins=2) == [
        {"n": 2, "p_positive": pytest.approx(0.25), "positive": 0.5},
        {"n": 2, "p_positive": pytest.approx(0.9), "positive": 1.0},
    ]


def test_slices_are_cut_by_number_of_words():
    texts = ["word " * n for n in (14, 15, 299, 300)]
    error = by_length(texts, LABELS, P)
    assert {name: figures["n"] for name, figures in error.items()} == {
        "under 15": 1,
        "15 to 29": 1,
        "80 to 299": 1,
        "300 and more": 1,
    }


def test_movies_with_few_reviews_are_left_out_of_the_freshness_error():
    labels = np.array([True] * 19)
    movies = ["tt1"] * 10 + ["tt2"] * 9
    assert freshness_error(labels, np.full(19, 0.99), readable(19), movies).movies == 1


def test_reviews_without_a_movie_are_left_out_of_the_freshness_error():
    error = freshness_error(np.ones(30, bool), np.full(30, 0.9), readable(30), [""] * 30)
    assert (error.movies, error.count, error.estimate) == (0, None, None)


def test_coverage_is_the_share_of_movies_with_the_true_share_in_the_interval():
    labels = np.array([True] * 10 + [False] * 10)
    movies = ["tt1"] * 10 + ["tt2"] * 10
    error = freshness_error(labels, np.full(20, 0.99), readable(20), movies)
    assert error.coverage == 0.5


def test_the_estimate_beats_the_count_where_probabilities_are_calibrated():
    random = np.random.default_rng(0)
    labels = random.random((200, 30)) < np.linspace(0.02, 0.98, 200)[:, None]
    decisions = random.normal(np.where(labels, 1.5, -1.5), 1.2)
    p = 1 / (1 + np.exp(-2 * 1.5 / 1.2**2 * decisions))
    movies = [f"tt{i}" for i in range(200) for _ in range(30)]
    error = freshness_error(labels.ravel(), p.ravel(), readable(6000), movies)
    assert error.estimate < error.count


def test_unreadable_reviews_do_not_count_for_freshness():
    labels = np.array([True] * 10 + [False] * 10)
    error = freshness_error(labels, np.full(20, 0.9), labels, ["tt1"] * 20)
    assert error.count == pytest.approx(0.5)


def test_evaluate_returns_every_figure():
    figures = evaluate(["Fine."] * 4, LABELS, P, readable(4), [""] * 4)
    assert set(figures) == {
        "n",
        "films",
        "accuracy",
        "auc",
        "brier",
        "ece",
        "unreadable",
        "freshness_mae",
        "freshness_coverage",
        "reader",
        "confusion",
        "slices",
        "reliability",
    }
