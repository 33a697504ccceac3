"""Reading the reviews that were stored while no model could."""

import logging
import time
from collections.abc import Iterator

from django.db.models import QuerySet

from mlmodel.monitoring import events
from mlmodel.sentiment.models.prediction import Prediction
from mlmodel.sentiment.models.scorer import Scorer
from mlmodel.serving.champion import Served
from reviews.models import MovieReview
from reviews.submission import take_reading

logger = logging.getLogger(__name__)


def read_pending(served: Served, *, batch_size: int = 200) -> Iterator[bool]:
    """Read every unread review once; yields for each whether it has its label now.

    Safe beside live submissions and beside a second run: the model reads outside of any
    lock, and a reading is taken only by a review that still waits with the same text.
    """
    after = 0
    while batch := list(_unread_after(after, batch_size)):
        started = time.perf_counter()
        predictions = _predict(served.scorer, batch)
        events.batch_read(
            [prediction for prediction in predictions if prediction],
            path="score_pending",
            version=served.scorer.version,
            latency_ms=(time.perf_counter() - started) * 1000,
        )
        for review, prediction in zip(batch, predictions, strict=True):
            yield prediction is not None and take_reading(
                review=review, prediction=prediction, release=served.release
            )
        after = batch[-1].pk


def _unread_after(pk: int, n: int) -> QuerySet[MovieReview]:
    waiting = MovieReview.objects.unread().filter(pk__gt=pk).order_by("pk")
    return waiting.only("pk", "movie_id", "text")[:n]


def _predict(scorer: Scorer, batch: list[MovieReview]) -> list[Prediction | None]:
    try:
        return list(scorer.predict_many([review.text for review in batch]))
    except Exception:
        # One review that the scorer stumbles over must not keep the others waiting.
        return [_predict_one(scorer, review) for review in batch]


def _predict_one(scorer: Scorer, review: MovieReview) -> Prediction | None:
    try:
        return scorer.predict(review.text)
    except Exception as error:
        logger.warning("the scorer raised %s on review %s", type(error).__name__, review.pk)
        return None
