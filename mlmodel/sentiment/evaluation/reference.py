"""The reference set: hand-written reviews, most of them short, that no dataset contains."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlmodel.sentiment.evaluation.metrics import accuracy, main_figures
from mlmodel.sentiment.features.text import words
from mlmodel.sentiment.models.prediction import VERY_SURE_FROM

REVIEWS = Path(__file__).with_name("reference_reviews.csv")
SHORT = (15, 30)  # words; a visitor's review usually has fewer
# Name, and bounds in words, the upper one excluded.
LENGTHS = {
    "under 6": (0, 6),
    "6 to 14": (6, 15),
    "15 to 29": (15, 30),
    "30 to 79": (30, 80),
    "80 and more": (80, inf),
}


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
        The figures of ``evaluate_short`` and, under ``kinds``, n and accuracy of each kind.
    """
    kinds = np.array(reference.kinds)
    return {
        **evaluate_short(reference.texts, reference.labels, p_positive),
        "kinds": {
            kind: {
                "n": int((kinds == kind).sum()),
                "accuracy": accuracy(reference.labels[kinds == kind], p_positive[kinds == kind]),
            }
            for kind in dict.fromkeys(reference.kinds)
        },
    }


def evaluate_short(
    texts: Sequence[str], labels: NDArray[np.bool_], p_positive: NDArray[np.float64]
) -> dict[str, Any]:
    """Return a model's figures for whole texts, and for the short ones among them.

    Parameters
    ----------
    texts : sequence of str, length n
    labels : bool array, shape (n,)
    p_positive : float array, shape (n,)

    Returns
    -------
    dict
        n, accuracy and ece, of all texts and, as far as there are any, of parts: under ``short``
        of those with fewer than 15 and fewer than 30 words ("under 15", "under 30"), under
        ``lengths`` of every range of lengths. Under ``very_sure``, n and accuracy of the texts
        with fewer than 30 words whose confidence is ``VERY_SURE_FROM`` or more.
    """
    n_words = np.array([len(words(text)) for text in texts])
    is_short = {f"under {limit}": n_words < limit for limit in SHORT}
    is_length = {name: (n_words >= low) & (n_words < high) for name, (low, high) in LENGTHS.items()}
    confidence = np.maximum(p_positive, 1 - p_positive)
    sure = (n_words < max(SHORT)) & (confidence >= VERY_SURE_FROM)

    def figures(parts: Mapping[str, NDArray[np.bool_]]) -> dict[str, Any]:
        return {
            name: main_figures(labels[chosen], p_positive[chosen])
            for name, chosen in parts.items()
            if chosen.any()
        }

    return {
        **main_figures(labels, p_positive),
        "short": figures(is_short),
        "lengths": figures(is_length),
        "very_sure": {
            "n": int(sure.sum()),
            "accuracy": accuracy(labels[sure], p_positive[sure]) if sure.any() else None,
        },
    }
