"""How well short text is read: sentences of held-out reviews, as reviews of their own.

The corpus has next to no reviews of one sentence, and the site has little else. A sentence
takes its review's label, which it need not speak for: the figures are a lower bound.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlmodel.sentiment.data.sentences import sentences
from mlmodel.sentiment.evaluation.metrics import (
    accuracy,
    by_length,
    calibration_error,
    read_all,
    reliability,
)
from mlmodel.sentiment.models.scorer import Scorer

Places = dict[str, Callable[[int], int]]  # which of n sentences


def evaluate_sentences(
    scorer: Scorer, texts: Sequence[str], labels: NDArray[np.bool_], *, seed: int = 0
) -> dict[str, Any]:
    """Read the first, the last and one random sentence of every review that has two or more.

    Parameters
    ----------
    scorer : Scorer
        It must not have been trained on the reviews.
    texts : sequence of str, length n
    labels : bool array, shape (n,)

    Returns
    -------
    dict
        n, accuracy, ece, slices and reliability as ``evaluate`` gives them, of all these
        sentences; ``places`` has n, accuracy and ece of each of the three. Empty without any.
    """
    random = np.random.default_rng(seed)
    places: Places = {
        "first": lambda n: 0,
        "last": lambda n: n - 1,
        "random": lambda n: int(random.integers(n)),
    }
    found = [(i, pieces) for i, text in enumerate(texts) if len(pieces := sentences(text)) > 1]
    if not found:
        return {}
    said = labels[[i for i, _ in found]]
    chosen = {
        name: [pieces[place(len(pieces))] for _, pieces in found] for name, place in places.items()
    }
    p_positive = {name: read_all(scorer, pieces)[0] for name, pieces in chosen.items()}
    every = np.concatenate(list(p_positive.values()))
    truth = np.tile(said, len(places))
    return {
        **_figures(truth, every),
        "places": {name: _figures(said, p) for name, p in p_positive.items()},
        "slices": by_length([text for part in chosen.values() for text in part], truth, every),
        "reliability": reliability(truth, every),
    }


def _figures(labels: NDArray[np.bool_], p_positive: NDArray[np.float64]) -> dict[str, float]:
    return {
        "n": len(labels),
        "accuracy": accuracy(labels, p_positive),
        "ece": calibration_error(labels, p_positive),
    }
