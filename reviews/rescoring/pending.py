"""Scoring the reviews that were stored while no model was available."""

import logging
import time
from collections.abc import Iterator

from mlmodel import events
from mlmodel.sentiment.io.batches import predict_each
from mlmodel.serving.champion import Served
from reviews.models import MovieReview
from reviews.submission import label_unread_review

logger = logging.getLogger(__name__)


def score_pending(served: Served, *, batch_size: int = 200) -> Iterator[bool]:
    """Score every unread review once; yield for each whether it has a label now.

    Safe beside live submissions and a second run: no lock is held while the model works, and a
    prediction is stored only if the review is still unread and its text is the same.
    """
    last_pk = 0
    unread = MovieReview.objects.unread().order_by("pk").only("pk", "movie_id", "text")
    while batch := list(unread.filter(pk__gt=last_pk)[:batch_size]):
        started = time.perf_counter()
        predictions = predict_each(served.scorer, [review.text for review in batch])
        events.batch_predicted(
            [prediction for prediction in predictions if prediction],
            path="score_pending",
            version=served.scorer.version,
            latency_ms=(time.perf_counter() - started) * 1000,
        )
        for review, prediction in zip(batch, predictions, strict=True):
            if prediction is None:
                logger.warning("the model failed to score review %s", review.pk)
            yield prediction is not None and label_unread_review(
                review=review, prediction=prediction, release=served.release
            )
        last_pk = batch[-1].pk
