"""The curators' queue: what an author disputes, the model was unsure of, or somebody reported."""

from collections.abc import Collection
from hashlib import blake2b

from django.contrib.auth.models import User
from django.db.models import QuerySet, TextChoices
from django.utils.translation import gettext_lazy as _

from reviews.models import Label, MovieReview
from reviews.moderation.reports import close_reports
from reviews.submission import WordsChanged, hide_review, settle_label, withdraw_dispute

MAX_COUNTED = 1_000  # "1,000 or more" is as much as a curator needs to know


class Kind(TextChoices):
    DISPUTED = "disputed", _("disputed by the author")
    UNSURE = "unsure", _("the model was not sure")
    REPORTED = "reported", _("reported by a visitor")


class Decision(TextChoices):
    POSITIVE = Label.POSITIVE.value, _("positive")
    NEGATIVE = Label.NEGATIVE.value, _("negative")
    HIDE = "hide", _("hide")
    KEEP = "keep", _("leave as is")


def waiting(kind: str) -> QuerySet[MovieReview]:
    """The reviews of that kind, the most urgent first."""
    reviews = MovieReview.objects.select_related("movie", "author", "release")
    if kind == Kind.DISPUTED:
        return reviews.disputed().order_by("disputed_at", "pk")
    if kind == Kind.REPORTED:
        return reviews.reported().order_by("pk")
    return reviews.unsure().order_by("distance", "pk")


def next_review(kind: str, skipped: Collection[int]) -> tuple[str, MovieReview | None]:
    """The next review of that kind, or of any if it is empty; and of what kind it is."""
    for each in [kind] if kind else Kind.values:
        if review := waiting(each).exclude(pk__in=skipped).first():
            return each, review
    return kind, None


def counts() -> dict[str, int]:
    return {kind: waiting(kind)[:MAX_COUNTED].count() for kind in Kind.values}


def fingerprint(text: str) -> str:
    """Goes with the page, so that nobody judges words that were not on it."""
    return blake2b(text.encode(), digest_size=8).hexdigest()


def decide(*, review: MovieReview, decision: str, seen: str, by: User, reason: str = "") -> None:
    """Do what a curator decided on the words whose fingerprint is ``seen``.

    Raises
    ------
    WordsChanged
        If the author has rewritten the review since.
    """
    if fingerprint(review.text) != seen:
        raise WordsChanged
    if decision == Decision.HIDE:
        hide_review(review=review, reason=reason)
    elif decision == Decision.KEEP:
        withdraw_dispute(review=review)
    else:
        settle_label(review=review, human_label=decision, by=by)
    close_reports(review=review)
