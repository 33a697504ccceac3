"""Events about reviews. They carry movies, labels and numbers, never text."""

from django.contrib.auth.models import User

from movies.models import Movie
from observability.events import emit, user_hash
from reviews.models import Label, MovieReview, RescoreRun
from reviews.scoring import ScoredText


def prediction(movie: Movie, scored: ScoredText) -> None:
    fields = _score_fields(scored) | {"movie_id": movie.pk, "movie_title": movie.title}
    emit("PREDICTION", path="review", n_texts=1, **fields)


def submitted(review: MovieReview, scored: ScoredText | None) -> None:
    emit("REVIEW_SUBMITTED", **_review_fields(review), **_score_fields(scored))


def edited(review: MovieReview, scored: ScoredText | None) -> None:
    emit("REVIEW_EDITED", **_review_fields(review), **_score_fields(scored))


def corrected(review: MovieReview, before: str, by: User | None) -> None:
    emit(
        "LABEL_CORRECTED",
        **_review_fields(review) | {"user_id": user_hash(by.pk if by else None)},
        label_before=before,
        label_after=str(review.label),
        label_source=str(review.label_source),
        model_version=review.release.version if review.release else None,
    )


def rescored(run: RescoreRun, seconds: float) -> None:
    emit(
        "RESCORE",
        model_version=run.release.version,
        n_read=run.n_read,
        n_changed=sum(run.changes.values()),
        finished=run.finished_at is not None,
        duration_s=round(seconds, 1),
    )


def _review_fields(review: MovieReview) -> dict[str, object]:
    movie = review.movie
    return {
        "review_id": review.pk,
        "user_id": user_hash(review.author_id),
        "movie_id": movie.pk,
        "movie_title": movie.title,
        "freshness": movie.freshness,
        "verdict": str(movie.verdict),
    }


def _score_fields(scored: ScoredText | None) -> dict[str, object]:
    if scored is None:
        return {"sentiment": Label.UNREAD.value, "confidence": None, "model_version": None}
    return {
        "sentiment": str(scored.prediction.label),
        "confidence": round(scored.prediction.confidence, 4),
        "model_version": scored.model_version,
        "latency_ms": scored.latency_ms,
    }
