"""Held-out reviews, and what a model predicts for them."""

import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlmodel.sentiment.data.corpus import Corpus
from mlmodel.sentiment.data.sentences import Examples, with_sentences
from mlmodel.sentiment.evaluation import behaviour
from mlmodel.sentiment.evaluation.behaviour import GroupResult
from mlmodel.sentiment.evaluation.cached_predictions import CachedPredictions, look_up
from mlmodel.sentiment.evaluation.metrics import predict_arrays
from mlmodel.sentiment.models.scorer import Scorer

USUAL_WORDS = 230  # the mean length of the IMDb corpus's reviews
N_TIMED = 21


@dataclass(frozen=True)
class EvaluationSet:
    """Held-out reviews, and the first, the last and a random sentence of each.

    Parameters
    ----------
    reviews : Corpus
        n reviews that the models were not trained on.
    """

    reviews: Corpus

    @cached_property
    def sentences(self) -> Examples:
        """The sentences; their ``sources`` are positions in ``reviews``."""
        n = len(self.reviews)
        examples = with_sentences(self.reviews.texts, weight=1.0, seed=0)
        return Examples(examples.texts[n:], examples.sources[n:], examples.weights[n:])

    @cached_property
    def texts(self) -> list[str]:
        """The reviews, then the sentences."""
        return [*self.reviews.texts, *self.sentences.texts]

    @cached_property
    def labels(self) -> NDArray[np.bool_]:
        """Labels of ``texts``, shape (len(texts),); a sentence has its review's label."""
        return np.concatenate([self.reviews.labels, self.reviews.labels[self.sentences.sources]])


@dataclass(frozen=True)
class ModelOutputs:
    """A model's predictions for an ``EvaluationSet`` of n texts, and its other figures.

    Attributes
    ----------
    p_positive : float array, shape (n,)
        NaN where the model was trained on the text and no earlier prediction was saved.
    readable : bool array, shape (n,)
    behaviour : list of GroupResult
        The results of the behaviour suite.
    latency_ms : float
        Median processor time of scoring a review of ``USUAL_WORDS`` words.
    recorded : mapping
        The figures of the model's training, which stand in for missing predictions.
    """

    p_positive: NDArray[np.float64]
    readable: NDArray[np.bool_]
    behaviour: list[GroupResult]
    latency_ms: float
    recorded: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_scored(self) -> NDArray[np.bool_]:
        """Which texts have a prediction, shape (n,)."""
        return ~np.isnan(self.p_positive)


def run_model(
    scorer: Scorer,
    holdout: EvaluationSet,
    *,
    cached: CachedPredictions | None = None,
    recorded: Mapping[str, Any] | None = None,
) -> ModelOutputs:
    """Collect a model's predictions and figures for an evaluation set.

    Parameters
    ----------
    scorer : Scorer
    holdout : EvaluationSet
    cached : mapping, optional
        Predictions to use instead of the scorer's: those that were saved before the model was
        fitted again on all reviews, the held-out ones included.
    recorded : mapping, optional
        The figures of the model's training.

    Returns
    -------
    ModelOutputs
    """
    p_positive, readable = (
        predict_arrays(scorer, holdout.texts) if cached is None else look_up(cached, holdout.texts)
    )
    return ModelOutputs(
        p_positive,
        readable,
        behaviour.run(scorer, behaviour.load_cases()),
        latency_ms(scorer, holdout.reviews.texts),
        recorded or {},
    )


def latency_ms(scorer: Scorer, texts: Sequence[str]) -> float:
    """Return the median time of scoring one review of ``USUAL_WORDS`` words.

    Parameters
    ----------
    scorer : Scorer
    texts : sequence of str
        Their words, joined and cut into pieces of equal length, are the reviews.

    Returns
    -------
    float
        Milliseconds of processor time, which other load on the machine does not change.
    """
    words = " ".join(texts).split()
    pieces = [words[i : i + USUAL_WORDS] for i in range(0, len(words), USUAL_WORDS)][:N_TIMED]
    spent = []
    for piece in pieces:
        text = " ".join(piece)
        started = time.process_time()
        scorer.predict(text)
        spent.append(time.process_time() - started)
    return 1000 * statistics.median(spent)
