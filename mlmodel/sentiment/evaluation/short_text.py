"""Evaluation on short texts: sentences of held-out reviews.

The corpus has hardly any reviews of one sentence, and the site has little else. A sentence gets its
review's label although it may not express it, so the figures are lower bounds.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlmodel.sentiment.data.sentences import sample_sentences
from mlmodel.sentiment.evaluation.metrics import (
    accuracy,
    by_length,
    calibration_error,
    reliability,
)

PLACES = ("first", "last", "random")


def evaluate_sentences(
    p_positive: Mapping[str, float],
    texts: Sequence[str],
    labels: NDArray[np.bool_],
    *,
    seed: int = 0,
) -> dict[str, Any]:
    """Evaluate the first, the last and one random sentence of every review with two or more.

    Parameters
    ----------
    p_positive : mapping
        The prediction for every sentence that ``sample_sentences`` draws with this seed, by
        a model that was not trained on the reviews.
    texts : sequence of str, length n
    labels : bool array, shape (n,)

    Returns
    -------
    dict
        n, accuracy, ece, slices and reliability as ``evaluate`` gives them, of all these
        sentences; ``places`` has n, accuracy and ece of each of the three. Empty without any.
    """
    sampled = list(sample_sentences(texts, seed=seed))
    if not sampled:
        return {}
    review_labels = labels[[i for i, _, _ in sampled]]
    by_place = {
        name: [pieces[places[column]] for _, pieces, places in sampled]
        for column, name in enumerate(PLACES)
    }
    p_chosen = {name: np.array([p_positive[s] for s in part]) for name, part in by_place.items()}
    p_all = np.concatenate(list(p_chosen.values()))
    all_labels = np.tile(review_labels, len(PLACES))
    return {
        **_figures(all_labels, p_all),
        "places": {name: _figures(review_labels, p) for name, p in p_chosen.items()},
        "slices": by_length([s for part in by_place.values() for s in part], all_labels, p_all),
        "reliability": reliability(all_labels, p_all),
    }


def _figures(labels: NDArray[np.bool_], p_positive: NDArray[np.float64]) -> dict[str, float]:
    return {
        "n": len(labels),
        "accuracy": accuracy(labels, p_positive),
        "ece": calibration_error(labels, p_positive),
    }
