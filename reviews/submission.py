"""Everything that changes a review: one transaction with the counters of its movie."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta

from django.contrib.auth.models import User
from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from django.utils import timezone

from mlmodel.models import Release
from mlmodel.sentiment.errors import ModelUnavailable
from mlmodel.sentiment.models.prediction import Prediction
from mlmodel.sentiment.models.quantification import bin_of
from mlmodel.serving.champion import get_served
from movies.models import Movie
from reviews import events, freshness
from reviews.models import Label, MovieReview
from reviews.moderation import bursts

logger = logging.getLogger(__name__)

# Within it, the same words of the same guest are one click too many, not two opinions.
SAME_CLICK = timedelta(minutes=1)
# Not the author: an account deleted meanwhile must not come back with the save.
CHANGEABLE = (
    "text",
    "has_spoilers",
    "model_label",
    "p_positive",
    "known_share",
    "release",
    "human_label",
    "settled_at",
    "settled_by",
    "disputed_at",
    "dispute_note",
    "has_open_reports",
    "label",
    "is_hidden",
    "hidden_reason",
    "updated_at",
)


class AlreadyReviewed(Exception):
    """The author has a review on this movie: edit that one."""


class WordsChanged(Exception):
    """The author has rewritten the review that somebody was about to judge."""


class NothingToDispute(Exception):
    """The model has not read the review yet, or a person has settled its label."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the model said of a text, and which model, in how long."""

    prediction: Prediction
    release: Release | None
    model_version: str
    latency_ms: float


def submit_review(
    *,
    movie: Movie,
    text: str,
    author: User | None = None,
    guest_name: str = "",
    has_spoilers: bool = False,
) -> MovieReview:
    """Store a review, read by the current model.

    A review outlives a broken model: when it cannot be read it is stored unread,
    and ``score_pending`` reads it later. What a guest has just sent is not stored again:
    the review that is there comes back.

    Raises
    ------
    AlreadyReviewed
        If the author has a review on this movie.
    """
    reading = read(text, movie)
    review = MovieReview(text=text, author=author, guest_name="" if author else guest_name)
    review.has_spoilers = has_spoilers
    _apply(review, reading)
    with transaction.atomic():
        locked = freshness.lock_movie(movie.pk)
        # Under the lock nobody else adds a review of this movie between the look and the save.
        if author and locked.reviews.filter(author=author).exists():
            raise AlreadyReviewed
        if not author and (stored := _sent_already(locked, review)):
            return stored
        review.movie = locked
        review.save_without_historical_record()
        freshness.count_in(locked, review)
        bursts.watch(locked, review)
        freshness.refresh(locked)
        freshness.save(locked)
    events.submitted(review, reading)
    return review


def _sent_already(movie: Movie, review: MovieReview) -> MovieReview | None:
    same = movie.reviews.visible().filter(
        author=None, guest_name=review.guest_name, text=review.text
    )
    recent = same.filter(created_at__gte=timezone.now() - SAME_CLICK)
    return recent.select_related("release").first()


def edit_review(
    *, review: MovieReview, text: str | None = None, has_spoilers: bool | None = None
) -> MovieReview:
    """Replace a review's text and have it read again; what is None stays as it is.

    A human label was given to the words that stood there, so other words lose it.
    """
    reading = None if text is None else read(text, review.movie)
    is_rewritten = False
    with recounted(review.pk) as changed:
        if has_spoilers is not None:
            changed.has_spoilers = has_spoilers
        if text is not None and text != changed.text:
            changed.text = text
            changed.settle("")
            _apply(changed, reading)
            # Other words may be reported anew; what is still open, a curator sees.
            changed.reports.filter(closed_at__isnull=False).delete()
            is_rewritten = True
    if is_rewritten:
        events.edited(changed, reading)
    return changed


def settle_label(*, review: MovieReview, human_label: str, by: User | None = None) -> MovieReview:
    """A person says what the label is; an empty one hands it back to the model.

    Raises
    ------
    WordsChanged
        If the stored text is no longer the one of ``review``, which the person has read.
    """
    with recounted(review.pk) as changed:
        if changed.text != review.text:
            raise WordsChanged
        before = str(changed.label)
        changed.settle(human_label, by=by)
    events.corrected(changed, before, by)
    return changed


def dispute_review(*, review: MovieReview, note: str = "") -> MovieReview:
    """The author says that the model's label is wrong; a curator will settle it.

    Raises
    ------
    NothingToDispute
        If the review is unread, or its label was settled by a person.
    """
    with recounted(review.pk) as changed:
        if not changed.may_be_disputed:
            raise NothingToDispute
        changed.disputed_at = changed.disputed_at or timezone.now()
        changed.dispute_note = note
    return changed


def withdraw_dispute(*, review: MovieReview) -> MovieReview:
    with recounted(review.pk) as changed:
        changed.disputed_at, changed.dispute_note = None, ""
    return changed


def hide_review(*, review: MovieReview, reason: str = "") -> MovieReview:
    """Show a review to its author alone, who reads the reason; it counts no more."""
    with recounted(review.pk) as changed:
        changed.is_hidden, changed.hidden_reason = True, reason
    return changed


def unhide_review(*, review: MovieReview) -> MovieReview:
    with recounted(review.pk) as changed:
        changed.is_hidden, changed.hidden_reason = False, ""
    return changed


def take_reading(*, review: MovieReview, prediction: Prediction, release: Release | None) -> bool:
    """Label a review that was stored unread; False if it was read or rewritten meanwhile."""
    waiting = False
    with suppress(ObjectDoesNotExist), recounted(review.pk) as changed:
        waiting = changed.model_label == Label.UNREAD and changed.text == review.text
        if waiting:
            changed.apply(prediction, release)
    return waiting


def withdraw_review(*, review: MovieReview) -> None:
    """Delete a review for good; withdrawing it twice is the same as once."""
    with suppress(ObjectDoesNotExist), transaction.atomic():
        movie = freshness.lock_movie(review.movie_id)
        stored = movie.reviews.get(pk=review.pk)
        freshness.count_out(movie, stored)
        stored.delete()
        freshness.refresh(movie)
        freshness.save(movie)


@contextmanager
def recounted(review_id: int) -> Iterator[MovieReview]:
    """The review, read under its movie's lock; what the block changes is saved and counted."""
    with transaction.atomic():
        movie_id = MovieReview.objects.values_list("movie_id", flat=True).get(pk=review_id)
        movie = freshness.lock_movie(movie_id)
        review = MovieReview.objects.select_related("author", "release").get(pk=review_id)
        review.movie = movie
        freshness.count_out(movie, review)
        before = review.audited_values()
        yield review
        is_audited = review.audited_values() != before
        save = review.save if is_audited else review.save_without_historical_record
        save(update_fields=CHANGEABLE)
        freshness.count_in(movie, review)
        freshness.refresh(movie)
        freshness.save(movie)


def read(text: str, movie: Movie) -> Reading | None:
    """Ask the model, outside of any lock. None when there is no model, or it fails."""
    started = time.perf_counter()
    try:
        served = get_served()
        prediction = served.scorer.predict(text)
        bin_of(prediction.p_positive)  # what is no probability could not be counted
    except ModelUnavailable as error:
        logger.warning("no sentiment model (%s); review of %s is stored unread", error, movie.slug)
        return None
    except Exception as error:
        # Only the kind of error: its message and traceback may quote the review.
        kind = type(error).__name__
        logger.warning("the scorer raised %s; review of %s is stored unread", kind, movie.slug)
        return None
    latency_ms = round((time.perf_counter() - started) * 1000, 3)
    reading = Reading(prediction, served.release, served.scorer.version, latency_ms)
    events.prediction(movie, reading)
    return reading


def _apply(review: MovieReview, reading: Reading | None) -> None:
    if reading:
        review.apply(reading.prediction, reading.release)
    else:
        review.mark_unread()
