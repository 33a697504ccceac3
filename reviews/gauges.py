"""Numbers of unread reviews, for /metrics and the status page."""

from django.db.models import Min
from django.utils import timezone

from observability.metrics import add_site_gauge
from reviews.models import MovieReview


def register() -> None:
    add_site_gauge("reviews_unread", "Reviews without a prediction", n_unread)
    help = "How long the oldest of them has waited"
    add_site_gauge("reviews_unread_oldest_seconds", help, oldest_unread_s)


def n_unread() -> int:
    return MovieReview.objects.unread().count()


def oldest_unread_s() -> float:
    # Not created_at: imported reviews are old, and an edited review is scored again.
    oldest = MovieReview.objects.unread().aggregate(at=Min("updated_at"))["at"]
    return (timezone.now() - oldest).total_seconds() if oldest else 0.0
