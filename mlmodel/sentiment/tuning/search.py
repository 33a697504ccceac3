"""Measure an algorithm's parameters by cross-validation."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mlmodel.sentiment.data.corpus import Corpus, order_of, text_key
from mlmodel.sentiment.data.sentences import Examples, with_sentences
from mlmodel.sentiment.evaluation.metrics import accuracy
from mlmodel.sentiment.models.algorithms import Range, get_algorithm
from mlmodel.sentiment.training.fit import (
    SENTENCE_WEIGHT,
    Progress,
    cross_validate,
    make_fit,
)

Params = dict[str, float]
Space = dict[str, Range]


@dataclass(frozen=True)
class Scores:
    """Out-of-fold accuracies, 0.0-1.0."""

    reviews: float
    sentences: float | None  # of the first, last and random sentences; None without any

    @property
    def objective(self) -> float:
        """The mean of both: visitors write a sentence as often as a page."""
        return self.reviews if self.sentences is None else (self.reviews + self.sentences) / 2


@dataclass(frozen=True)
class Measurement:
    """A function of parameters: ``measurement(params)`` returns their ``Scores``.

    Parameters
    ----------
    corpus : Corpus
    algorithm : str
        A key of ``ALGORITHMS``.
    unlabelled : sequence of str, optional
    n_folds : int, optional
        Number of fits for each measurement.
    seed : int, optional
    """

    corpus: Corpus
    algorithm: str
    unlabelled: Sequence[str] = ()
    n_folds: int = 3
    seed: int = 0

    @cached_property
    def examples(self) -> Examples:
        """The reviews and some of their sentences."""
        return with_sentences(self.corpus.texts, weight=SENTENCE_WEIGHT, seed=self.seed)

    def __call__(self, params: Params, *, progress: Progress = lambda _: None) -> Scores:
        settings = get_algorithm(self.algorithm).defaults | params
        _, p_positive = cross_validate(
            self.corpus,
            self.examples,
            make_fit(self.algorithm, settings, self.unlabelled, self.seed),
            seed=self.seed,
            n_folds=self.n_folds,
            progress=progress,
        )
        n = len(self.corpus)
        labels = self.corpus.labels[self.examples.sources]
        return Scores(
            reviews=accuracy(labels[:n], p_positive[:n]),
            sentences=accuracy(labels[n:], p_positive[n:]) if len(labels) > n else None,
        )


def sample(corpus: Corpus, n_reviews: int, *, seed: int) -> Corpus:
    """Sample reviews movie by movie.

    Parameters
    ----------
    corpus : Corpus
    n_reviews : int
    seed : int

    Returns
    -------
    Corpus
        ``n_reviews`` reviews: all of a movie's, except of the last movie.
    """
    movies = [
        movie or text_key(text) for movie, text in zip(corpus.movies, corpus.texts, strict=True)
    ]
    orders = {movie: order_of(seed, movie) for movie in set(movies)}
    by_movie = sorted(range(len(corpus)), key=lambda i: orders[movies[i]])
    return corpus.take(np.sort(by_movie[:n_reviews]))


def space_of(algorithm: str, *, unlabelled: bool) -> Space:
    """Return the parameters to search, with their ranges.

    Parameters
    ----------
    algorithm : str
        A key of ``ALGORITHMS``.
    unlabelled : bool
        Whether there are unlabelled reviews.

    Returns
    -------
    dict of Range
    """
    space = get_algorithm(algorithm).space
    return {name: r for name, r in space.items() if unlabelled or not r.unlabelled}


def rounded(params: Params) -> Params:
    """Return the parameters with three digits, so that a person can type what was tried."""
    return {
        name: value if isinstance(value, int) else float(f"{value:.3g}")
        for name, value in params.items()
    }
