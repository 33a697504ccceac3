"""What the events say of reviews: films, labels and numbers, and never a word of the text."""

from typing import TYPE_CHECKING

from django.contrib.auth.models import User

from movies.models import Movie
from observability.events import emit, user_hash
from reviews.models import Label, MovieReview, RescoreRun

if TYPE_CHECKING:
    from reviews.submission import Reading


def prediction(movie: Movie, reading: "Reading") -> None:
    film = {"movie_id": movie.pk, "movie_title": movie.title}
    emit("PREDICTION", path="review", n_texts=1, **film, **_of_reading(reading))


def submitted(review: MovieReview, reading: "Reading | None") -> None:
    emit("REVIEW_SUBMITTED", **_of_review(review), **_of_reading(reading))


def edited(review: MovieReview, reading: "Reading | None") -> None:
    emit("REVIEW_EDITED", **_of_review(review), **_of_reading(reading))


def corrected(review: MovieReview, before: str, by: User | None) -> None:
    emit(
        "LABEL_CORRECTED",
        **_of_review(review) | {"user_id": user_hash(by.pk if by else None)},
        label_before=before,
        label_after=str(review.label),
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


def _of_review(review: MovieReview) -> dict[str, object]:
    movie = review.movie
    return {
        "review_id": review.pk,
        "user_id": user_hash(review.author_id),
        "movie_id": movie.pk,
        "movie_title": movie.title,
        "freshness": movie.freshness,
        "verdict": str(movie.verdict),
    }


def _of_reading(reading: "Reading | None") -> dict[str, object]:
    if reading is None:
        return {"sentiment": Label.UNREAD.value, "confidence": None, "model_version": None}
    return {
        "sentiment": str(reading.prediction.label),
        "confidence": round(reading.prediction.confidence, 4),
        "model_version": reading.model_version,
        "latency_ms": reading.latency_ms,
    }
