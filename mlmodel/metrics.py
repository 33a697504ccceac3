"""What is counted when a model is loaded or predicts."""

from collections.abc import Mapping, Sequence
from typing import Any

from prometheus_client import Counter, Gauge

from mlmodel.sentiment.models.prediction import Prediction
from observability.metrics import lazy, never_fail

_BUCKETS = ("0.5-0.6", "0.6-0.7", "0.7-0.8", "0.8-0.9", "0.9-1.0")

PREDICTIONS = Counter("rottenpotatoes_predictions", "Predictions", ["sentiment", "confidence"])
MODEL = Gauge(
    "rottenpotatoes_model_served",
    "Processes that serve this version",
    ["model_version"],
    multiprocess_mode="livesum",
)
load_failures = lazy(
    Counter, "rottenpotatoes_model_load_failures", "Models that could not be loaded"
)


@never_fail
def count_event(name: str, fields: Mapping[str, Any]) -> None:
    if name == "PREDICTION":
        sentiment, confidence = fields.get("sentiment"), fields.get("confidence")
        if sentiment is not None and confidence is not None:
            PREDICTIONS.labels(sentiment, bucket_of(confidence)).inc()
    elif name == "MODEL_LOADED":
        if previous := fields.get("previous_version"):
            MODEL.labels(previous).set(0)
        MODEL.labels(fields["model_version"]).set(1)
    elif name == "MODEL_REFUSED":
        load_failures().inc()


@never_fail
def count_predictions(predictions: Sequence[Prediction]) -> None:
    """Count each text of a request or command; together they are one event."""
    for prediction in predictions:
        PREDICTIONS.labels(prediction.label, bucket_of(prediction.confidence)).inc()


def bucket_of(confidence: float) -> str:
    # Rounded first: 0.7 * 10 is 7.000000000000001.
    return _BUCKETS[min(4, max(0, int(round(confidence * 10, 6)) - 5))]
