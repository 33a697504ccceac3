"""Predictions and explanations of the current model for single reviews."""

import logging
import time
from dataclasses import dataclass

from mlmodel.models import Release
from mlmodel.sentiment.errors import ModelUnavailable
from mlmodel.sentiment.models.explanation import Explanation
from mlmodel.sentiment.models.prediction import Prediction
from mlmodel.sentiment.models.quantification import bin_of
from mlmodel.serving.champion import get_scorer, get_served
from movies.models import Movie
from reviews.models import MovieReview

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ScoredText:
    prediction: Prediction
    release: Release | None
    model_version: str
    latency_ms: float


def score(text: str, movie: Movie) -> ScoredText | None:
    """Return the current model's prediction; None if there is no model, or it fails.

    Never call this under a movie's lock: other writers would wait for the model.
    """
    started = time.perf_counter()
    try:
        served = get_served()
        prediction = served.scorer.predict(text)
        bin_of(prediction.p_positive)  # raises if it is not a probability
    except ModelUnavailable as error:
        logger.warning("no sentiment model (%s); review of %s is stored unread", error, movie.slug)
        return None
    except Exception as error:
        # Only the kind of error: its message and traceback may quote the review.
        kind = type(error).__name__
        logger.warning("the scorer raised %s; review of %s is stored unread", kind, movie.slug)
        return None
    latency_ms = round((time.perf_counter() - started) * 1000, 3)
    return ScoredText(prediction, served.release, served.scorer.version, latency_ms)


def explain(review: MovieReview, *, max_chars: int | None = None) -> Explanation | None:
    """Explain a review's text, or its beginning; None if there is no model, or it fails."""
    try:
        return get_scorer().explain(review.text[:max_chars])
    except ModelUnavailable:
        return None
    except Exception as error:
        kind = type(error).__name__  # its message may quote the review
        logger.warning("the scorer could not explain review %s: %s", review.pk, kind)
        return None
