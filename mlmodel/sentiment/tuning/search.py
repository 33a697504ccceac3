"""How good an algorithm's parameters are, and which of them are searched."""

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
    fitter,
)

Params = dict[str, float]
Space = dict[str, Range]


@dataclass(frozen=True)
class Scores:
    """Out-of-fold accuracies, 0.0-1.0."""

    reviews: float
    sentences: float | None  # of reviews' first, last and random sentences; None without any

    @property
    def objective(self) -> float:
        """What is searched for: visitors write a sentence as often as a page."""
        return self.reviews if self.sentences is None else (self.reviews + self.sentences) / 2


@dataclass(frozen=True)
class Measurement:
    """How good parameters are: ``measure(params)`` fits once for every fold of films."""

    corpus: Corpus
    algorithm: str
    unlabelled: Sequence[str] = ()
    n_folds: int = 3
    seed: int = 0

    @cached_property
    def examples(self) -> Examples:
        return with_sentences(self.corpus.texts, weight=SENTENCE_WEIGHT, seed=self.seed)

    def __call__(self, params: Params, *, progress: Progress = lambda _: None) -> Scores:
        settings = get_algorithm(self.algorithm).defaults | params
        _, p_positive = cross_validate(
            self.corpus,
            self.examples,
            fitter(self.algorithm, settings, self.unlabelled, self.seed),
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


def measure(measurement: Measurement, params: Params) -> Scores:
    """As a function, which can be sent to another process."""
    return measurement(params)


def sample(corpus: Corpus, n_reviews: int, *, seed: int) -> Corpus:
    """About ``n_reviews`` reviews of whole films, so that a film has as many as it had."""
    films = [film or text_key(text) for film, text in zip(corpus.movies, corpus.texts, strict=True)]
    orders = {film: order_of(seed, film) for film in set(films)}
    by_film = sorted(range(len(corpus)), key=lambda i: orders[films[i]])
    return corpus.take(np.sort(by_film[:n_reviews]))


def space_of(algorithm: str, *, unlabelled: bool) -> Space:
    """The parameters that are searched."""
    space = get_algorithm(algorithm).space
    return {name: r for name, r in space.items() if unlabelled or not r.unlabelled}


def rounded(params: Params, space: Space) -> Params:
    """To three digits: what is tried is what a person can type."""
    return {
        name: value if isinstance(value, int) else float(f"{value:.3g}")
        for name, value in params.items()
        if name in space
    }
