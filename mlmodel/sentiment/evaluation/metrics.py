"""How good a model's predictions are: overall, by length of the review, and per movie."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import cycle
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlmodel.sentiment.models.prediction import POSITIVE_FROM
from mlmodel.sentiment.models.quantification import estimate_rates, estimate_share, histogram_of
from mlmodel.sentiment.models.scorer import Scorer

ECE_BINS = 15
MIN_MOVIE_REVIEWS = 10  # with fewer, the true share of a movie is itself mostly chance
# Each slice's least number of words; one-sentence reviews are in the first two.
SLICES = {"under 15": 0, "15 to 29": 15, "30 to 79": 30, "80 to 299": 80, "300 and more": 300}

GROUP_SIZE = 20
GROUP_SHARES = (0.1, 0.9, 0.3, 0.7, 0.5)  # of positive reviews

Labels = NDArray[np.bool_]
Probabilities = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class FreshnessError:
    """How far movies' estimated shares of positive reviews are from the true ones.

    Parameters
    ----------
    count, estimate : float or None
        Mean absolute error of counting labels, and of ``estimate_share``; 0.0-1.0.
        None without movies, as is ``coverage``.
    coverage : float or None
        Share of the movies whose true share is inside the 90 % interval.
    movies : int
        The number of movies.
    """

    count: float | None
    estimate: float | None
    coverage: float | None
    movies: int


def accuracy(labels: Labels, p_positive: Probabilities) -> float:
    """Return the share of reviews whose predicted label is right.

    Parameters
    ----------
    labels : bool array, shape (n,)
    p_positive : float array, shape (n,)

    Returns
    -------
    float
        0.0-1.0.
    """
    return float(np.mean((p_positive >= POSITIVE_FROM) == labels))


def auc(labels: Labels, p_positive: Probabilities) -> float | None:
    """Return the area under the ROC curve.

    Parameters
    ----------
    labels : bool array, shape (n,)
    p_positive : float array, shape (n,)

    Returns
    -------
    float or None
        0.0-1.0; None if one class is missing.
    """
    if labels.all() or not labels.any():
        return None
    from sklearn.metrics import roc_auc_score  # start-up cost  # noqa: PLC0415

    return float(roc_auc_score(labels, p_positive))


def brier(labels: Labels, p_positive: Probabilities) -> float:
    """Return the mean squared error of the probabilities.

    Parameters
    ----------
    labels : bool array, shape (n,)
    p_positive : float array, shape (n,)

    Returns
    -------
    float
        0.0 (best) to 1.0.

    Notes
    -----
    Source: G. W. Brier (1950), Monthly Weather Review 78, 1-3.
    """
    return float(np.mean((p_positive - labels) ** 2))


def reliability(
    labels: Labels, p_positive: Probabilities, *, bins: int = ECE_BINS
) -> list[dict[str, float]]:
    """Compare probabilities with true shares, bin by bin.

    Parameters
    ----------
    labels : bool array, shape (n,)
    p_positive : float array, shape (n,)
    bins : int, optional

    Returns
    -------
    list of {"n", "p_positive", "positive"}
        Number of reviews, their mean probability and their share of positives, for every
        bin of equal width that has reviews, in rising order.
    """
    place = np.minimum((p_positive * bins).astype(int), bins - 1)
    return [
        {
            "n": int(np.sum(place == number)),
            "p_positive": float(p_positive[place == number].mean()),
            "positive": float(labels[place == number].mean()),
        }
        for number in np.unique(place)
    ]


def calibration_error(labels: Labels, p_positive: Probabilities, *, bins: int = ECE_BINS) -> float:
    """Return the expected calibration error.

    That is the mean over reviews of the distance between their bin's mean probability and its
    share of positives, for bins of equal width.

    Parameters
    ----------
    labels : bool array, shape (n,)
    p_positive : float array, shape (n,)
    bins : int, optional

    Returns
    -------
    float
        0.0 (best) to 1.0.

    Notes
    -----
    Source: M. P. Naeini, G. F. Cooper, M. Hauskrecht (2015), Proc. AAAI 29, 2901-2907;
    15 bins as in C. Guo et al. (2017), Proc. ICML 34, 1321-1330.
    """
    rows = reliability(labels, p_positive, bins=bins)
    return sum(row["n"] * abs(row["p_positive"] - row["positive"]) for row in rows) / len(labels)


def confusion(labels: Labels, p_positive: Probabilities) -> dict[str, int]:
    """Return the confusion matrix.

    Parameters
    ----------
    labels : bool array, shape (n,)
    p_positive : float array, shape (n,)

    Returns
    -------
    dict of int
        true_positive, false_positive, true_negative, false_negative.
    """
    predicted = p_positive >= POSITIVE_FROM
    return {
        "true_positive": int(np.sum(predicted & labels)),
        "false_positive": int(np.sum(predicted & ~labels)),
        "true_negative": int(np.sum(~predicted & ~labels)),
        "false_negative": int(np.sum(~predicted & labels)),
    }


def main_figures(labels: Labels, p_positive: Probabilities) -> dict[str, Any]:
    """Return the figures that every part of an evaluation has.

    Parameters
    ----------
    labels : bool array, shape (n,)
    p_positive : float array, shape (n,)

    Returns
    -------
    dict
        n, accuracy and ece.
    """
    return {
        "n": len(labels),
        "accuracy": accuracy(labels, p_positive),
        "ece": calibration_error(labels, p_positive),
    }


def by_length(
    texts: Sequence[str], labels: Labels, p_positive: Probabilities
) -> dict[str, dict[str, float]]:
    """Evaluate reviews by length.

    Parameters
    ----------
    texts : sequence of str, length n
    labels : bool array, shape (n,)
    p_positive : float array, shape (n,)

    Returns
    -------
    dict
        n, accuracy and ece for every slice of ``SLICES`` that has reviews.
    """
    n_words = np.array([len(text.split()) for text in texts])
    slices = np.searchsorted(list(SLICES.values()), n_words, side="right") - 1
    figures = {}
    for number, name in enumerate(SLICES):
        mask = slices == number
        if mask.any():
            figures[name] = main_figures(labels[mask], p_positive[mask])
    return figures


def freshness_error(
    labels: Labels,
    p_positive: Probabilities,
    readable: NDArray[np.bool_],
    movies: Sequence[str],
) -> FreshnessError:
    """Measure how far movies' freshness is from their true share of positive reviews.

    Parameters
    ----------
    labels, p_positive, readable : arrays, shape (n,)
        Unreadable reviews count towards the true share only.
    movies : sequence of str, length n
        Each review's movie; "" where it is unknown. Movies with fewer reviews than
        ``MIN_MOVIE_REVIEWS`` are left out.

    Returns
    -------
    FreshnessError
    """
    reviews: defaultdict[str, list[int]] = defaultdict(list)
    for i, movie in enumerate(movies):
        reviews[movie].append(i)
    reviews.pop("", None)
    of_count, of_estimate, covered = [], [], []
    for indices in reviews.values():
        p = p_positive[indices][readable[indices]]
        share = estimate_share(histogram_of(p))
        if len(indices) < MIN_MOVIE_REVIEWS or share is None:
            continue
        truth = labels[indices].mean()
        of_count.append(abs(np.mean(p >= POSITIVE_FROM) - truth))
        of_estimate.append(abs(share.estimate - truth))
        covered.append(share.low <= truth <= share.high)
    if not covered:
        return FreshnessError(None, None, None, 0)
    return FreshnessError(
        count=float(np.mean(of_count)),
        estimate=float(np.mean(of_estimate)),
        coverage=float(np.mean(covered)),
        movies=len(covered),
    )


def mixed_groups(labels: Labels) -> list[str]:
    """Put reviews into groups that stand in for movies, where their movies are unknown.

    Parameters
    ----------
    labels : bool array, shape (n,)

    Returns
    -------
    list of str, length n
        As ``freshness_error`` takes movies: groups of ``GROUP_SIZE`` reviews, of which 10, 30,
        50, 70 or 90 % are positive, drawn at random but the same in every call; "" for the rest.
    """
    order = np.random.default_rng(0).permutation(len(labels))
    positive, negative = order[labels[order]].tolist(), order[~labels[order]].tolist()
    groups = [""] * len(labels)
    for number, share in enumerate(cycle(GROUP_SHARES)):
        n_positive = round(GROUP_SIZE * share)
        n_negative = GROUP_SIZE - n_positive
        if len(positive) < n_positive or len(negative) < n_negative:
            return groups
        for _ in range(n_positive):
            groups[positive.pop()] = f"group {number}"
        for _ in range(n_negative):
            groups[negative.pop()] = f"group {number}"
    return groups


def predict_arrays(scorer: Scorer, texts: Sequence[str]) -> tuple[Probabilities, NDArray[np.bool_]]:
    """Predict n texts.

    Parameters
    ----------
    scorer : Scorer
    texts : sequence of str, length n

    Returns
    -------
    p_positive : float array, shape (n,)
    readable : bool array, shape (n,)
    """
    predictions = scorer.predict_many(texts)
    return (
        np.array([prediction.p_positive for prediction in predictions]),
        np.array([prediction.readable for prediction in predictions]),
    )


def evaluate(
    texts: Sequence[str],
    labels: Labels,
    p_positive: Probabilities,
    readable: NDArray[np.bool_],
    movies: Sequence[str],
) -> dict[str, Any]:
    """Return every figure of this module, for n reviews.

    Parameters
    ----------
    texts : sequence of str, length n
    labels : bool array, shape (n,)
        True for a positive review.
    p_positive : float array, shape (n,)
        Calibrated probabilities.
    readable : bool array, shape (n,)
        False where the site would call the review unreadable.
    movies : sequence of str, length n
        Each review's movie; "" where it is unknown.

    Returns
    -------
    dict
        n, films, accuracy, auc, brier, ece, unreadable, freshness_mae, freshness_coverage,
        reader (the ``ClassifierRates``), confusion, slices, reliability. Stored metrics have
        these keys, so they do not change.
    """
    freshness = freshness_error(labels, p_positive, readable, movies)
    rates = estimate_rates(labels, p_positive)
    return {
        "n": len(labels),
        "films": len(set(movies) - {""}),
        "accuracy": accuracy(labels, p_positive),
        "auc": auc(labels, p_positive),
        "brier": brier(labels, p_positive),
        "ece": calibration_error(labels, p_positive),
        "unreadable": int(np.sum(~readable)),
        "freshness_mae": {
            "count": freshness.count,
            "estimate": freshness.estimate,
            "films": freshness.movies,
        },
        "freshness_coverage": freshness.coverage,
        "reader": asdict(rates) if rates else {},
        "confusion": confusion(labels, p_positive),
        "slices": by_length(texts, labels, p_positive),
        "reliability": reliability(labels, p_positive),
    }
