"""What many reviews look like in a few counts: long or short, known words or not, sure or not."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlmodel.sentiment.models.prediction import READABLE_SHARE
from mlmodel.sentiment.models.quantification import N_BINS, bin_of

# First number of words of every length but the first. The bounds are where site reviews and
# corpus differ: a visitor writes 20 words where the corpus has 174.
LENGTHS = (15, 30, 50, 80, 120, 160, 200, 300, 500)
# The least share of known words of every class but the first, which is the unreadable.
KNOWN = (READABLE_SHARE, 0.7, 0.8, 0.85, 0.9, 0.925, 0.95, 0.975, 0.995)
N_LENGTHS, N_KNOWN = len(LENGTHS) + 1, len(KNOWN) + 1

Counts = NDArray[np.float64]


@dataclass(frozen=True)
class Profile:
    """Sums over reviews, apart for every length, so that profiles add up.

    Attributes
    ----------
    words : array, shape (N_LENGTHS,)
        Their words.
    known : array, shape (N_LENGTHS, N_KNOWN)
        Their number by the share of words that the model knows.
    known_total : array, shape (N_LENGTHS,)
        Those shares, added up.
    p : array, shape (N_LENGTHS, N_BINS)
        The number of readable ones by calibrated probability of being positive.
    confidence_total : array, shape (N_LENGTHS,)
        The confidences of the readable ones, added up.
    """

    words: Counts
    known: Counts
    known_total: Counts
    p: Counts
    confidence_total: Counts

    @classmethod
    def empty(cls) -> "Profile":
        return cls(*(np.zeros(shape) for shape in SHAPES.values()))

    @classmethod
    def of(
        cls,
        n_words: Sequence[int],
        known_shares: Sequence[float],
        p_positive: Sequence[float],
        readable: Sequence[bool] | None = None,
    ) -> "Profile":
        """The profile of n reviews; without ``readable`` their known share tells."""
        profile = cls.empty()
        if readable is None:
            readable = [share >= READABLE_SHARE for share in known_shares]
        for n, share, p, is_readable in zip(
            n_words, known_shares, p_positive, readable, strict=True
        ):
            profile.count_in(n, share, p, is_readable)
        return profile

    def count_in(self, n_words: int, known_share: float, p_positive: float, readable: bool) -> None:
        length = int(np.searchsorted(LENGTHS, n_words, side="right"))
        self.words[length] += n_words
        self.known[length, np.searchsorted(KNOWN, known_share, side="right")] += 1
        self.known_total[length] += known_share
        if readable:
            self.p[length, bin_of(p_positive)] += 1
            self.confidence_total[length] += max(p_positive, 1 - p_positive)

    def __add__(self, other: "Profile") -> "Profile":
        return Profile(*(getattr(self, name) + getattr(other, name) for name in SHAPES))

    @property
    def lengths(self) -> Counts:
        """How many reviews there are of each length, shape (N_LENGTHS,)."""
        return self.known.sum(axis=1)

    @property
    def n(self) -> int:
        return int(self.known.sum())

    @property
    def n_readable(self) -> int:
        return int(self.p.sum())

    def as_dict(self) -> dict[str, list]:
        return {
            name: np.round(getattr(self, name), 4).astype(_kind(name)).tolist() for name in SHAPES
        }

    @classmethod
    def from_dict(cls, told: dict[str, Any]) -> "Profile":
        """What ``as_dict`` gave.

        Raises
        ------
        ValueError
            If it is something else.
        """
        try:
            arrays = {name: np.array(told[name], np.float64) for name in SHAPES}
        except (KeyError, TypeError, IndexError) as error:
            raise ValueError(f"this is no profile of reviews: {error!r}") from error
        if any(array.shape != SHAPES[name] for name, array in arrays.items()):
            raise ValueError("this is a profile of reviews with other classes")
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
