"""Events about the model: predictions, loading, training, the gate and promotions."""

from collections import Counter
from collections.abc import Sequence

from mlmodel.metrics import count_predictions
from mlmodel.models import Release
from mlmodel.sentiment.evaluation.gate import Report
from mlmodel.sentiment.models.prediction import Prediction
from observability.events import emit, user_hash


def prediction(prediction: Prediction, *, path: str, version: str, latency_ms: float) -> None:
    emit(
        "PREDICTION",
        path=path,
        sentiment=prediction.label,
        confidence=round(prediction.confidence, 4),
        n_texts=1,
        model_version=version,
        latency_ms=round(latency_ms, 3),
    )


def predictions(
    scored: Sequence[Prediction], *, path: str, version: str, latency_ms: float
) -> None:
    """Emit one event for the texts of a request; each text is counted."""
    count_predictions(scored)
    emit(
        "PREDICTION",
        path=path,
        n_texts=len(scored),
        n_positive=sum(p.label == "positive" for p in scored),
        model_version=version,
        latency_ms=round(latency_ms, 3),
    )


def batch_predicted(
    scored: Sequence[Prediction], *, path: str, version: str, latency_ms: float
) -> None:
    """Emit one event for each label of a command's predictions."""
    count_predictions(scored)
    for label, n in Counter(p.label for p in scored).items():
        emit(
            "PREDICTION",
            path=path,
            sentiment=label,
            n_texts=n,
            n_positive=n if label == "positive" else 0,
            model_version=version,
            latency_ms=round(latency_ms, 3),
        )


def loaded(version: str, before: str | None, seconds: float) -> None:
    emit(
        "MODEL_LOADED",
        model_version=version,
        previous_version=before,
        latency_ms=round(seconds * 1000, 1),
    )


def load_failed(version: str | None, reason: str) -> None:
    emit("MODEL_REFUSED", model_version=version, reason=reason[:500])


def promoted(release: Release, before: Release | None, *, by=None, forced: bool = False) -> None:
    emit("PROMOTION", **_switch(release, before, by), forced=forced)


def rolled_back(release: Release, before: Release | None, *, by=None) -> None:
    emit("ROLLBACK", **_switch(release, before, by))


def _switch(release: Release, before: Release | None, by) -> dict[str, str | None]:
    return {
        "model_version": release.version,
        "previous_version": before.version if before else None,
        "user_id": user_hash(by.pk if by else None),
    }


def trained(release: Release, seconds: float) -> None:
    emit(
        "TRAINING",
        model_version=release.version,
        algorithm=release.algorithm,
        dataset_version=release.dataset_version,
        accuracy=release.metrics.get("accuracy"),
        duration_s=round(seconds, 1),
    )


def gate_finished(release: Release, report: Report) -> None:
    emit(
        "GATE",
        model_version=release.version,
        previous_version=report.against or None,
        passed=report.passed,
        refusals=", ".join(line.name for line in report.refusals),
        accuracy=release.metrics.get("accuracy"),
    )
