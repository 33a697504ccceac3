"""Deleting an account, so that all counters and queues stay right."""

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction

from reviews.models import ReviewReport
from reviews.submission import recounted, withdraw_review


def delete_account(user: User, *, withdraw: bool) -> None:
    """Delete an account, and withdraw its reviews or keep them without a name.

    Raises
    ------
    PermissionDenied
        If the account belongs to a curator: their decisions refer to it.
    """
    if user.is_staff:
        raise PermissionDenied
    # First, so that no review is added while the others are withdrawn.
    User.objects.filter(pk=user.pk).update(is_active=False)
    if withdraw:
        for review in user.reviews.order_by("pk"):
            withdraw_review(review=review)
    for report in ReviewReport.objects.filter(reporter=user).order_by("pk"):
        delete_report(report)
    user.delete()


def delete_report(report: ReviewReport) -> None:
    """Delete a report, and take its review off the moderation queue if it was the only one."""
    with transaction.atomic(), recounted(report.review_id) as review:
        report.delete()
        review.has_open_reports = review.reports.filter(closed_at=None).exists()
