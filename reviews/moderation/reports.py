"""Reports: anyone can ask the curators to check a review."""

from django.contrib.auth.models import User
from django.utils import timezone

from reviews.models import MovieReview
from reviews.submission import recounted


def report_review(*, review: MovieReview, reason: str, reporter: User | None = None) -> bool:
    """Report a review to the curators; return False if the same report exists already."""
    with recounted(review.pk) as changed:
        same = {"reporter": reporter} if reporter else {"reporter": None, "reason": reason}
        _report, is_new = changed.reports.get_or_create(**same, defaults={"reason": reason})
        changed.has_open_reports = changed.has_open_reports or is_new
    return is_new


def close_reports(*, review: MovieReview) -> None:
    """Close a review's open reports after a curator's decision."""
    with recounted(review.pk) as changed:
        changed.reports.filter(closed_at=None).update(closed_at=timezone.now())
        changed.has_open_reports = False
