"""The moderation queue: reviews that are disputed, reported or hard to label."""

from collections.abc import Collection
from datetime import datetime

from django.contrib.auth.models import User
from django.db.models import Min, Q, QuerySet, TextChoices
from django.utils.translation import gettext_lazy as _

from reviews.models import Label, MovieReview, MovieReviewQuerySet
from reviews.moderation.reports import close_reports
from reviews.submission import TextChanged, hide_review, settle_label, withdraw_dispute

MAX_COUNTED = 1_000  # above it, the page shows "1,000+"


class Kind(TextChoices):
    DISPUTED = "disputed", _("disputed by the author")
    UNSURE = "unsure", _("the model was not sure")
    REPORTED = "reported", _("reported by a visitor")


class Decision(TextChoices):
    POSITIVE = Label.POSITIVE.value, _("positive")
    NEGATIVE = Label.NEGATIVE.value, _("negative")
    HIDE = "hide", _("hide")
    KEEP = "keep", _("leave as is")


def all_reviews() -> MovieReviewQuerySet:
    return MovieReview.objects.select_related("movie", "author", "release")


def kind_of(review: MovieReview) -> Kind | None:
    """Return why a review is in the queue; None if it is not."""
    if review.is_hidden:
        return None
    if review.disputed_at:
        return Kind.DISPUTED
    if review.is_unsure:
        return Kind.UNSURE
    return Kind.REPORTED if review.has_open_reports else None


def pending_reviews(kind: str) -> QuerySet[MovieReview]:
    """Return the reviews of a kind, most urgent first."""
    reviews = all_reviews()
    if kind == Kind.DISPUTED:
        return reviews.disputed().order_by("disputed_at", "pk")
    if kind == Kind.REPORTED:
        return reviews.reported().order_by("pk")
    return reviews.unsure().order_by("distance", "pk")


def next_review(kind: str, skipped: Collection[int]) -> tuple[str, MovieReview | None]:
    """Return the next review and its kind; an empty ``kind`` means any."""
    for each in [kind] if kind else Kind.values:
        if review := pending_reviews(each).exclude(pk__in=skipped).first():
            return each, review
    return kind, None


def counts() -> dict[str, int]:
    return {kind: pending_reviews(kind)[:MAX_COUNTED].count() for kind in Kind.values}


def oldest() -> dict[str, datetime | None]:
    """Return since when the oldest review of each kind has waited."""
    reviews = MovieReview.objects
    since = {
        Kind.DISPUTED: reviews.disputed().aggregate(at=Min("disputed_at")),
        Kind.UNSURE: reviews.unsure().aggregate(at=Min("updated_at")),
        Kind.REPORTED: reviews.reported().aggregate(
            at=Min("reports__created_at", filter=Q(reports__closed_at=None))
        ),
    }
    return {kind: row["at"] for kind, row in since.items()}


def decide(*, review: MovieReview, decision: str, seen: str, by: User, reason: str = "") -> None:
    """Apply a curator's decision on the text with the fingerprint ``seen``.

    Raises
    ------
    TextChanged
        If the author has rewritten the review in the meantime.
    """
    if review.fingerprint != seen:
        raise TextChanged
    if decision == Decision.HIDE:
        hide_review(review=review, reason=reason)
    elif decision == Decision.KEEP:
        withdraw_dispute(review=review)
    else:
        settle_label(review=review, human_label=decision, by=by)
    close_reports(review=review)
