"""What the database knows about how the site is doing: for /metrics and the status page."""

import logging
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import Min
from django.utils import timezone

from mlmodel.drift_days import latest_figures
from mlmodel.models import Release
from reviews.models import MovieReview

logger = logging.getLogger(__name__)

Value = float | None | dict[str, float]


def n_unread() -> int:
    return MovieReview.objects.unread().count()


def oldest_unread_s() -> float:
    oldest = MovieReview.objects.unread().aggregate(at=Min("created_at"))["at"]
    return (timezone.now() - oldest).total_seconds() if oldest else 0.0


def n_champions() -> int:
    return Release.objects.filter(is_champion=True).count()


def database_bytes() -> int:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_database_size(current_database())")
            return cursor.fetchone()[0]
        cursor.execute("PRAGMA page_count")
        pages = cursor.fetchone()[0]
        cursor.execute("PRAGMA page_size")
        return pages * cursor.fetchone()[0]


def disk_free_share() -> float | None:
    """Of the disk that the site writes to."""
    import shutil

    if not settings.VAR_DIR.exists():
        return None
    usage = shutil.disk_usage(settings.VAR_DIR)
    return usage.free / usage.total


def drift() -> dict[str, float]:
    return latest_figures()


FACTS: dict[str, tuple[str, Callable[[], Any]]] = {
    "reviews_unread": ("Reviews that no model has read yet", n_unread),
    "reviews_unread_oldest_seconds": ("How long the oldest of them waits", oldest_unread_s),
    "champions": ("Releases that are champion: one, or the pretrained model serves", n_champions),
    "database_bytes": ("Size of the database", database_bytes),
    "disk_free_share": ("Free share of the disk below VAR_DIR", disk_free_share),
    "drift": ("How far reviews have moved from those trained on", drift),
}


def site_facts() -> dict[str, tuple[str, Value]]:
    """A handful of queries; what cannot be found out is left out."""
    found = {}
    for name, (meaning, ask) in FACTS.items():
        try:
            with transaction.atomic():
                found[name] = (meaning, ask())
        except (DatabaseError, OSError, ValueError) as error:
            logger.warning("%s is not known: %s", name, type(error).__name__)
    return found
