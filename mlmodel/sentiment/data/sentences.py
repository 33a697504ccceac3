"""Sentences of reviews as short training examples.

Visitors write one sentence where the corpus has twelve. A model trained on long reviews alone is
less accurate on short ones, and overconfident.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mlmodel.sentiment.features.text import words

_SENTENCE_END = re.compile(r"(?<=[.!?])[\"')]*\s+|<br\s*/?>|\n+")
MIN_SENTENCE_WORDS = 4  # shorter ones ("The end.") carry no opinion


@dataclass(frozen=True)
class Examples:
    """n texts: reviews, followed by some of their sentences.

    Parameters
    ----------
    texts : list of str, length n
    sources : int array, shape (n,)
        The position of each text's review.
    weights : float array, shape (n,)
        The weight of each text; 1 for a whole review.
    """

    texts: list[str]
    sources: NDArray[np.intp]
    weights: NDArray[np.float64]

    @cached_property
    def n_words(self) -> list[int]:
        """Number of words of each text."""
        return [len(words(text)) for text in self.texts]


def sentences(text: str) -> list[str]:
    """Return a text's sentences that have at least ``MIN_SENTENCE_WORDS`` words."""
    return [
        sentence
        for piece in _SENTENCE_END.split(text)
        if len((sentence := piece.strip()).split()) >= MIN_SENTENCE_WORDS
    ]


def sample_sentences(
    texts: Sequence[str], *, seed: int
) -> Iterator[tuple[int, list[str], tuple[int, int, int]]]:
    """Sample the first, the last and one random sentence of every text that has two or more.

    Parameters
    ----------
    texts : sequence of str
    seed : int

    Yields
    ------
    (int, list of str, (int, int, int))
        The text's index, its sentences, and the three places among them; two of the three
        may be the same place.
    """
    random = np.random.default_rng(seed)
    for i, text in enumerate(texts):
        found = sentences(text)
        if len(found) > 1:
            yield i, found, (0, len(found) - 1, int(random.integers(len(found))))


def with_sentences(texts: Sequence[str], *, weight: float, seed: int) -> Examples:
    """Return the reviews, with the first, the last and one random sentence of each.

    Parameters
    ----------
    texts : sequence of str
    weight : float
        The weight of a sentence; with 0 none is added.
    seed : int

    Returns
    -------
    Examples
        The reviews come first, in their order; a sentence is in it once.
    """
    extra: list[str] = []
    sources = list(range(len(texts)))
    for i, found, places in sample_sentences(texts if weight else [], seed=seed):
        chosen = sorted(set(places))
        extra.extend(found[place] for place in chosen)
        sources.extend([i] * len(chosen))
    return Examples(
        texts=[*texts, *extra],
        sources=np.array(sources, dtype=np.intp),
        weights=np.concatenate([np.ones(len(texts)), np.full(len(extra), weight)]),
    )
