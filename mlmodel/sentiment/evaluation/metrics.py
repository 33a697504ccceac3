"""How good a model's readings are: overall, by length of the review, and per film."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlmodel.sentiment.models.prediction import POSITIVE_FROM
from mlmodel.sentiment.models.quantification import estimate_share, histogram_of, measure_reader
from mlmodel.sentiment.models.scorer import Scorer

ECE_BINS = 15
MIN_FILM_REVIEWS = 10  # below that the true share of a film is itself mostly chance
# First number of words of each slice; one-sentence reviews are the first two.
SLICES = {"under 15": 0, "15 to 29": 15, "30 to 79": 30, "80 to 299": 80, "300 and more": 300}

Labels = NDArray[np.bool_]
Probabilities = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class FreshnessError:
    """Mean absolute error of films' shares of positive reviews, 0.0-1.0; None without films."""

    count: float | None  # of the plain count of positive labels
    estimate: float | None  # of the estimate that the site shows
    coverage: float | None  # the share of films whose true share lies in the 90 % interval
    films: int


def accuracy(labels: Labels, p_positive: Probabilities) -> float:
    """The share of reviews whose label is right, the label being positive from 0.5."""
    return float(np.mean((p_positive >= POSITIVE_FROM) == labels))


def auc(labels: Labels, p_positive: Probabilities) -> float | None:
    """Area under the ROC curve, 0.0-1.0; None if one class is missing."""
    if labels.all() or not labels.any():
        return None
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(labels, p_positive))


def brier(labels: Labels, p_positive: Probabilities) -> float:
    """Mean squared error of the probabilities, 0.0 (best) to 1.0.

    Source: G. W. Brier (1950), Monthly Weather Review 78, 1-3.
    """
    return float(np.mean((p_positive - labels) ** 2))


def reliability(
    labels: Labels, p_positive: Probabilities, *, bins: int = ECE_BINS
) -> list[dict[str, float]]:
    """What was said and what was true, for every bin of ``p_positive`` that has reviews.

    Returns
    -------
    list of {"n", "p_positive", "positive"}
        Reviews, their mean probability and their share of positives; bins of equal
        width, in rising order.
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
    """Expected calibration error over bins of equal width of ``p_positive``, 0.0-1.0.

    The mean over reviews of how far their bin's mean probability is from their
    bin's share of positives.

    Source: M. P. Naeini, G. F. Cooper, M. Hauskrecht (2015), Proc. AAAI 29, 2901-2907;
    15 bins as in C. Guo et al. (2017), Proc. ICML 34, 1321-1330.
    """
    found = reliability(labels, p_positive, bins=bins)
    return sum(bin["n"] * abs(bin["p_positive"] - bin["positive"]) for bin in found) / len(labels)


def confusion(labels: Labels, p_positive: Probabilities) -> dict[str, int]:
    """How many reviews of each kind were read as which."""
    read = p_positive >= POSITIVE_FROM
    return {
        "true_positive": int(np.sum(read & labels)),
        "false_positive": int(np.sum(read & ~labels)),
        "true_negative": int(np.sum(~read & ~labels)),
        "false_negative": int(np.sum(~read & labels)),
    }


def by_length(
    texts: Sequence[str], labels: Labels, p_positive: Probabilities
) -> dict[str, dict[str, float]]:
    """n, accuracy and calibration error of every slice of ``SLICES`` that has reviews."""
    n_words = np.array([len(text.split()) for text in texts])
    slices = np.searchsorted(list(SLICES.values()), n_words, side="right") - 1
    found = {}
    for number, name in enumerate(SLICES):
        chosen = slices == number
        if chosen.any():
            found[name] = {
                "n": int(chosen.sum()),
                "accuracy": accuracy(labels[chosen], p_positive[chosen]),
                "ece": calibration_error(labels[chosen], p_positive[chosen]),
            }
    return found


def freshness_error(
    labels: Labels,
    p_positive: Probabilities,
    readable: NDArray[np.bool_],
    films: Sequence[str],
    *,
    min_reviews: int = MIN_FILM_REVIEWS,
) -> FreshnessError:
    """How far films' freshness is from their true share of positive reviews.

    Parameters
    ----------
    labels, p_positive, readable : arrays, shape (n,)
        Unreadable reviews count for the true share and for nothing else, as on the site.
    films : sequence of str, length n
        Reviews with "" belong to no film.
    min_reviews : int
        Films with fewer reviews are left out.
    """
    reviews: defaultdict[str, list[int]] = defaultdict(list)
    for i, film in enumerate(films):
        reviews[film].append(i)
    reviews.pop("", None)
    of_count, of_estimate, covered = [], [], []
    for indices in reviews.values():
        p = p_positive[indices][readable[indices]]
        share = estimate_share(histogram_of(p))
        if len(indices) < min_reviews or share is None:
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
        films=len(covered),
    )


def read_all(scorer: Scorer, texts: Sequence[str]) -> tuple[Probabilities, NDArray[np.bool_]]:
    """Probabilities and readability of n texts, both of shape (n,)."""
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
    films: Sequence[str],
) -> dict[str, Any]:
    """Every figure of this module, for n reviews.

    Parameters
    ----------
    texts : sequence of str, length n
    labels : bool array, shape (n,)
        True for a positive review.
    p_positive : float array, shape (n,)
        Calibrated probabilities.
    readable : bool array, shape (n,)
        False where the site would call the review unreadable.
    films : sequence of str, length n

    Returns
    -------
    dict
        n, films, accuracy, auc, brier, ece, unreadable, freshness_mae, confusion, slices,
        reliability.
    """
    freshness = freshness_error(labels, p_positive, readable, films)
    reader = measure_reader(labels, p_positive)
    return {
        "n": len(labels),
        "films": len(set(films) - {""}),
        "accuracy": accuracy(labels, p_positive),
        "auc": auc(labels, p_positive),
        "brier": brier(labels, p_positive),
        "ece": calibration_error(labels, p_positive),
        "unreadable": int(np.sum(~readable)),
        "freshness_mae": {
            "count": freshness.count,
            "estimate": freshness.estimate,
            "films": freshness.films,
        },
        "freshness_coverage": freshness.coverage,
        "reader": asdict(reader) if reader else {},
        "confusion": confusion(labels, p_positive),
        "slices": by_length(texts, labels, p_positive),
        "reliability": reliability(labels, p_positive),
    }
