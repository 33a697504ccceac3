"""Closing an account, so that every counter and queue stays right."""

from django.contrib.auth.models import User
from django.db import transaction

from reviews.models import ReviewReport
from reviews.submission import recounted, withdraw_review


class HasDuties(Exception):
    """A curator's account carries the record of what he did: it is closed by another one."""


def close_account(user: User, *, withdraw: bool) -> None:
    """Delete an account; its reviews are withdrawn, or stay without a name.

    Raises
    ------
    HasDuties
        If the account is a curator's.
    """
    if user.is_staff:
        raise HasDuties
    # First, so that no review comes in behind our back while the others are withdrawn.
    User.objects.filter(pk=user.pk).update(is_active=False)
    if withdraw:
        for review in user.reviews.order_by("pk"):
            withdraw_review(review=review)
    for report in ReviewReport.objects.filter(reporter=user).order_by("pk"):
        forget_report(report)
    user.delete()


def forget_report(report: ReviewReport) -> None:
    """Delete it; the review leaves the curators' queue if nobody else reported it."""
    with transaction.atomic(), recounted(report.review_id) as review:
        report.delete()
        review.has_open_reports = review.reports.filter(closed_at=None).exists()
