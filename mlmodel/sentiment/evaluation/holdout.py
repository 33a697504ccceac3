"""Held-out reviews, and what a model predicts for them."""

import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlmodel.sentiment.data.corpus import Corpus
from mlmodel.sentiment.evaluation.cached_predictions import CachedPredictions, look_up
from mlmodel.sentiment.evaluation.metrics import predict_arrays
from mlmodel.sentiment.models.scorer import Scorer

USUAL_WORDS = 230  # the mean length of the IMDb corpus's reviews
N_TIMED = 21


@dataclass(frozen=True)
class EvaluationSet:
    """Held-out reviews.

    Parameters
    ----------
    reviews : Corpus
        n reviews that the models were not trained on.
    """

    reviews: Corpus

    @property
    def texts(self) -> list[str]:
        """The texts, length n."""
        return self.reviews.texts

    @property
    def labels(self) -> NDArray[np.bool_]:
        """The labels, shape (n,)."""
        return self.reviews.labels


@dataclass(frozen=True)
class ModelOutputs:
    """A model's predictions for an ``EvaluationSet`` of n texts, and its latency.

    Attributes
    ----------
    p_positive : float array, shape (n,)
        NaN where the model was trained on the text and no earlier prediction was saved.
    readable : bool array, shape (n,)
    latency_ms : float
        Median processor time of scoring a review of ``USUAL_WORDS`` words.
    """

    p_positive: NDArray[np.float64]
    readable: NDArray[np.bool_]
    latency_ms: float

    @property
    def is_scored(self) -> NDArray[np.bool_]:
        """Which texts have a prediction, shape (n,)."""
        return ~np.isnan(self.p_positive)


def run_model(
    scorer: Scorer,
    holdout: EvaluationSet,
    *,
    cached: CachedPredictions | None = None,
    fill: bool = False,
) -> ModelOutputs:
    """Collect a model's predictions for an evaluation set.

    Parameters
    ----------
    scorer : Scorer
    holdout : EvaluationSet
    cached : mapping, optional
        Predictions to use instead of the scorer's: those that were saved before the model was
        fitted again on all reviews, the held-out ones included.
    fill : bool, optional
        Whether the scorer predicts the texts that have no cached prediction. If it was trained
        on them, its figures are too good.

    Returns
    -------
    ModelOutputs
    """
    if cached is None:
        p_positive, readable = predict_arrays(scorer, holdout.texts)
    else:
        p_positive, readable = look_up(cached, holdout.texts)
        missing = np.flatnonzero(np.isnan(p_positive))
        if fill and len(missing):
            texts = [holdout.texts[i] for i in missing]
            p_positive[missing], readable[missing] = predict_arrays(scorer, texts)
    return ModelOutputs(p_positive, readable, latency_ms(scorer, holdout.texts))


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
