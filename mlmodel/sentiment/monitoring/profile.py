"""Reviews summarised in a few counts: by length, vocabulary coverage and confidence."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlmodel.sentiment.models.quantification import N_BINS, bin_of
from mlmodel.sentiment.models.readability import READABLE_SHARE

# Each length class's least number of words, but for the first class. The bounds separate the
# site's reviews (20 words) from the corpus's (174).
LENGTHS = (15, 30, 50, 80, 120, 160, 200, 300, 500)
# Each coverage class's least value, but for the first class: those reviews are unreadable.
KNOWN = (READABLE_SHARE, 0.7, 0.8, 0.85, 0.9, 0.925, 0.95, 0.975, 0.995)
N_LENGTHS, N_KNOWN = len(LENGTHS) + 1, len(KNOWN) + 1

Counts = NDArray[np.float64]


@dataclass(frozen=True)
class Profile:
    """Counts and sums over reviews, by length; profiles can be added.

    Attributes
    ----------
    words : array, shape (N_LENGTHS,)
        Number of words.
    known : array, shape (N_LENGTHS, N_KNOWN)
        Number of reviews by vocabulary coverage.
    known_total : array, shape (N_LENGTHS,)
        Sum of the coverages.
    p : array, shape (N_LENGTHS, N_BINS)
        Number of readable reviews by calibrated probability.
    confidence_total : array, shape (N_LENGTHS,)
        Sum of the readable reviews' confidences.
    """

    words: Counts
    known: Counts
    known_total: Counts
    p: Counts
    confidence_total: Counts

    @classmethod
    def empty(cls) -> "Profile":
        """Return the profile of no reviews."""
        return cls(*(np.zeros(shape) for shape in SHAPES.values()))

    @classmethod
    def of(
        cls,
        n_words: Sequence[int],
        coverages: Sequence[float],
        p_positive: Sequence[float],
        readable: Sequence[bool] | None = None,
    ) -> "Profile":
        """Return the profile of n reviews.

        Parameters
        ----------
        n_words, coverages, p_positive : sequences, length n
        readable : sequence of bool, length n, optional
            By default a review is readable from a coverage of ``READABLE_SHARE``.
        """
        profile = cls.empty()
        if readable is None:
            readable = [share >= READABLE_SHARE for share in coverages]
        for n, share, p, is_readable in zip(n_words, coverages, p_positive, readable, strict=True):
            profile.count_in(n, share, p, is_readable)
        return profile

    def count_in(self, n_words: int, coverage: float, p_positive: float, readable: bool) -> None:
        """Add one review.

        Parameters
        ----------
        n_words : int
        coverage : float
            Share of its words that the model knows, 0.0-1.0.
        p_positive : float
            Calibrated probability, 0.0-1.0.
        readable : bool
        """
        length = int(np.searchsorted(LENGTHS, n_words, side="right"))
        self.words[length] += n_words
        self.known[length, np.searchsorted(KNOWN, coverage, side="right")] += 1
        self.known_total[length] += coverage
        if readable:
            self.p[length, bin_of(p_positive)] += 1
            self.confidence_total[length] += max(p_positive, 1 - p_positive)

    def __add__(self, other: "Profile") -> "Profile":
        return Profile(*(getattr(self, name) + getattr(other, name) for name in SHAPES))

    @property
    def lengths(self) -> Counts:
        """Number of reviews by length, shape (N_LENGTHS,)."""
        return self.known.sum(axis=1)

    @property
    def n(self) -> int:
        """Number of reviews."""
        return int(self.known.sum())

    @property
    def n_readable(self) -> int:
        """Number of readable reviews."""
        return int(self.p.sum())

    def as_dict(self) -> dict[str, list]:
        """Return the profile as JSON data."""
        return {
            name: np.round(getattr(self, name), 4).astype(_kind(name)).tolist() for name in SHAPES
        }

    @classmethod
    def from_dict(cls, payload: dict[str, Any]) -> "Profile":
        """Restore a profile from ``as_dict``'s result.

        Raises
        ------
        ValueError
            If it is something else, or has other classes.
        """
        try:
            arrays = {name: np.array(payload[name], np.float64) for name in SHAPES}
        except (KeyError, TypeError, IndexError) as error:
            raise ValueError(f"not a profile of reviews: {error!r}") from error
        if any(array.shape != SHAPES[name] for name, array in arrays.items()):
            raise ValueError("a profile of reviews with other classes")
        return cls(**arrays)


SHAPES: dict[str, tuple[int, ...]] = {
    "words": (N_LENGTHS,),
    "known": (N_LENGTHS, N_KNOWN),
    "known_total": (N_LENGTHS,),
    "p": (N_LENGTHS, N_BINS),
    "confidence_total": (N_LENGTHS,),
}


def _kind(name: str) -> type:
    return float if name.endswith("_total") else int
