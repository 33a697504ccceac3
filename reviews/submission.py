"""Changes of reviews, each in one transaction with the counters of its movie."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

from django.contrib.auth.models import User
from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from django.utils import timezone

from common.text import single_line
from mlmodel.models import Release
from mlmodel.sentiment.models.prediction import Prediction
from movies.models import Movie
from reviews import events, repeats
from reviews.freshness import FreshnessCounts, lock_movie
from reviews.models import Label, MovieReview
from reviews.moderation import bursts
from reviews.scoring import ScoredText, score

# The same text by the same author within this time is a double click, not a second review.
SAME_CLICK = timedelta(minutes=1)
# Without the author: saving must not restore an account that was deleted in between.
CHANGEABLE = (
    "text",
    "has_spoilers",
    "model_label",
    "p_positive",
    "known_share",
    "unreadable_reason",
    "language",
    "release",
    "human_label",
    "author_label",
    "is_settled_by_author",
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
    """The author has already reviewed this movie."""


class TextChanged(Exception):
    """The author has rewritten the review since it was shown."""


class NothingToDispute(Exception):
    """The review is unread, or a person has set its label."""


class LabelIsFinal(Exception):
    """A curator has set the label, or the text is too short to count."""


def submit_review(
    *,
    movie: Movie,
    text: str,
    author: User | None = None,
    guest_name: str = "",
    has_spoilers: bool = False,
    written: Collection[int] = (),
) -> MovieReview:
    """Store a review, scored by the current model.

    If there is no working model, the review is stored as unread and ``score_pending`` scores it
    later. If somebody sends the same text twice in a row, the stored review is returned.
    ``written`` are the ids of the reviews that a guest wrote in the same browser; of one movie's,
    only one counts.

    Raises
    ------
    AlreadyReviewed
        If the author has already reviewed this movie.
    """
    scored = _score(text, movie)
    review = MovieReview(text=text, author=author, guest_name="" if author else guest_name)
    review.has_spoilers = has_spoilers
    _apply(review, scored)
    with transaction.atomic():
        locked = lock_movie(movie.pk)
        # Under the lock, no other request can add a review between this check and the save.
        if stored := _just_sent(locked, review):
            return stored
        if author and locked.reviews.filter(author=author).exists():
            raise AlreadyReviewed
        review.movie = locked
        if not author:
            review.repeat_of = repeats.counted_one(locked, written)
        review.save_without_historical_record()
        counts = FreshnessCounts(locked)
        counts.add(review)
        if not author:
            repeats.join(counts, review, written)
        bursts.hold_back_burst(counts, review)
        counts.save()
    events.submitted(review, scored)
    return review


def _just_sent(movie: Movie, review: MovieReview) -> MovieReview | None:
    same = movie.reviews.visible().filter(
        author=review.author, guest_name=review.guest_name, text=review.text
    )
    recent = same.filter(created_at__gte=timezone.now() - SAME_CLICK)
    return recent.select_related("release").first()


def edit_review(
    *, review: MovieReview, text: str | None = None, has_spoilers: bool | None = None
) -> MovieReview:
    """Change a review's text or spoiler mark; None leaves it as it is.

    A new text is scored, and loses the human labels, which were given to the old one.
    """
    scored = None if text is None else _score(text, review.movie)
    is_rewritten = False
    with recounted(review.pk) as changed:
        if has_spoilers is not None:
            changed.has_spoilers = has_spoilers
        if text is not None and text != changed.text:
            changed.text = text
            changed.settle_as_author("")
            _apply(changed, scored)
            # The new text can be reported again; open reports stay in the queue.
            changed.reports.filter(closed_at__isnull=False).delete()
            is_rewritten = True
    if is_rewritten:
        events.edited(changed, scored)
    return changed


def settle_label(*, review: MovieReview, human_label: str, by: User | None = None) -> MovieReview:
    """Set the label of a review as a curator; an empty one removes the human label that counts.

    Raises
    ------
    TextChanged
        If the stored text is no longer that of ``review``, which the person has read.
    """
    with recounted(review.pk) as changed:
        if changed.text != review.text:
            raise TextChanged
        before = str(changed.label)
        changed.settle(human_label, by=by)
    events.corrected(changed, before, by)
    return changed


def settle_own_label(*, review: MovieReview, author_label: str) -> MovieReview:
    """Set the label of a review as its author; an empty one takes it back.

    Raises
    ------
    LabelIsFinal
        If a curator has set the label, or the text is too short to count.
    TextChanged
        If the stored text is no longer that of ``review``, about which the author was asked.
    """
    with recounted(review.pk) as changed:
        if changed.text != review.text:
            raise TextChanged
        if not changed.author_may_settle:
            raise LabelIsFinal
        before, was = str(changed.label), changed.author_label
        if author_label != was:
            changed.settle_as_author(author_label)
    if author_label != was:
        events.corrected(changed, before, changed.author)
    return changed


def dispute_review(*, review: MovieReview, note: str = "") -> MovieReview:
    """Ask the curators to check the model's label.

    Raises
    ------
    NothingToDispute
        If the review is unread, or a person has set its label.
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
    """Hide a review from everyone but its author, who sees the reason; it no longer counts."""
    with recounted(review.pk) as changed:
        changed.is_hidden, changed.hidden_reason = True, single_line(reason)
    return changed


def unhide_review(*, review: MovieReview) -> MovieReview:
    with recounted(review.pk) as changed:
        changed.is_hidden, changed.hidden_reason = False, ""
    return changed


def label_unread_review(
    *, review: MovieReview, prediction: Prediction, release: Release | None
) -> bool:
    """Store the prediction of an unread review; return False if the review has changed since."""
    is_unchanged = False
    with suppress(ObjectDoesNotExist), recounted(review.pk) as changed:
        is_unchanged = changed.model_label == Label.UNREAD and changed.text == review.text
        if is_unchanged:
            changed.apply(prediction, release)
    return is_unchanged


def withdraw_review(*, review: MovieReview) -> None:
    """Delete a review. Withdrawing a review that is already gone does nothing."""
    with suppress(ObjectDoesNotExist), transaction.atomic():
        counts = FreshnessCounts(lock_movie(review.movie_id))
        stored = counts.movie.reviews.get(pk=review.pk)
        if heir := repeats.heir_of(stored):
            repeats.count_instead(counts, heir)
            stored.repeat_of = heir
        counts.remove(stored)
        stored.delete()
        counts.save()


@contextmanager
def recounted(review_id: int) -> Iterator[MovieReview]:
    """Yield a review under its movie's lock, then save it and update the movie's counters."""
    with transaction.atomic():
        movie_id = MovieReview.objects.values_list("movie_id", flat=True).get(pk=review_id)
        counts = FreshnessCounts(lock_movie(movie_id))
        review = MovieReview.objects.select_related("author", "release").get(pk=review_id)
        review.movie = counts.movie
        counts.remove(review)
        before = review.audited_values()
        yield review
        is_audited = review.audited_values() != before
        save = review.save if is_audited else review.save_without_historical_record
        save(update_fields=CHANGEABLE)
        counts.add(review)
        counts.save()


def _score(text: str, movie: Movie) -> ScoredText | None:
    scored = score(text, movie)
    if scored:
        events.prediction(movie, scored)
    return scored


def _apply(review: MovieReview, scored: ScoredText | None) -> None:
    if scored:
        review.apply(scored.prediction, scored.release)
    else:
        review.mark_unread()
