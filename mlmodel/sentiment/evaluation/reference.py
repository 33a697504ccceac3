"""The reference set: hand-written reviews, most of them short, that no dataset contains."""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlmodel.sentiment.evaluation.metrics import accuracy, calibration_error
from mlmodel.sentiment.features.text import words

REVIEWS = Path(__file__).with_name("reference_reviews.csv")
SHORT = (15, 30)  # words; a visitor's review usually has fewer


@dataclass(frozen=True)
class ReferenceSet:
    """n reviews whose label is beyond dispute.

    Parameters
    ----------
    texts : list of str, length n
    labels : bool array, shape (n,)
        True for a positive review.
    kinds : list of str, length n
        What makes a review hard to read: "negation", "wry", "slang".
    """

    texts: list[str]
    labels: NDArray[np.bool_]
    kinds: list[str]

    def __len__(self) -> int:
        return len(self.texts)


def load_reference(path: Path = REVIEWS) -> ReferenceSet:
    """Load the reference set, in the file's order.

    Parameters
    ----------
    path : Path, optional
        CSV with the columns review, sentiment and kind.
    """
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    return ReferenceSet(
        texts=[row["review"] for row in rows],
        labels=np.array([row["sentiment"] == "positive" for row in rows], dtype=bool),
        kinds=[row["kind"] for row in rows],
    )


def evaluate_reference(reference: ReferenceSet, p_positive: NDArray[np.float64]) -> dict[str, Any]:
    """Return a model's figures for the reference set.

    Parameters
    ----------
    reference : ReferenceSet
    p_positive : float array, shape (n,)

    Returns
    -------
    dict
        n, accuracy and ece, of all reviews and, under ``short``, of those with fewer than 15 and
        fewer than 30 words ("under 15", "under 30"); under ``kinds`` n and accuracy of each kind.
    """
    n_words = np.array([len(words(text)) for text in reference.texts])
    kinds = np.array(reference.kinds)
    is_short = {f"under {limit}": n_words < limit for limit in SHORT}
    return {
        **_figures(reference.labels, p_positive),
        "short": {
            name: _figures(reference.labels[chosen], p_positive[chosen])
            for name, chosen in is_short.items()
        },
        "kinds": {
            kind: {
                "n": int((kinds == kind).sum()),
                "accuracy": accuracy(reference.labels[kinds == kind], p_positive[kinds == kind]),
            }
            for kind in dict.fromkeys(reference.kinds)
        },
    }


def _figures(labels: NDArray[np.bool_], p_positive: NDArray[np.float64]) -> dict[str, Any]:
    return {
        "n": len(labels),
        "accuracy": accuracy(labels, p_positive),
        "ece": calibration_error(labels, p_positive),
    }
