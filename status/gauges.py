"""What the database knows about how the site is doing: for /metrics and the status page."""

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from django.conf import settings
from django.db import Error, connection, transaction
from django.db.models import Min
from django.utils import timezone

from common.postgresql.deadline import briefly
from mlmodel.models import Release
from mlmodel.monitoring.daily_profiles import latest_figures
from reviews.models import MovieReview
from status.patience import Patient

logger = logging.getLogger(__name__)

QUERIES_S = 3.0  # for all of them together
PATIENCE_S = 4.0  # Prometheus itself waits ten

Value = float | None | dict[str, float]
Facts = dict[str, tuple[str, Value]]
Questions = dict[str, tuple[str, Callable[[], Any]]]


def n_unread() -> int:
    return MovieReview.objects.unread().count()


def oldest_unread_s() -> float:
    # Not since it was written: a file brings old ones, and who edits a review has it read again.
    oldest = MovieReview.objects.unread().aggregate(at=Min("updated_at"))["at"]
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


FROM_DATABASE: Questions = {
    "reviews_unread": ("Reviews that no model has read yet", n_unread),
    "reviews_unread_oldest_seconds": ("How long the oldest of them waits", oldest_unread_s),
    "champions": ("Releases that are champion: one, or the pretrained model serves", n_champions),
    "database_bytes": ("Size of the database", database_bytes),
    "drift": ("How far reviews have moved from those trained on", drift),
}
# A full disk takes the database away: it must be seen without it.
FROM_MACHINE: Questions = {
    "disk_free_share": ("Free share of the disk below VAR_DIR", disk_free_share),
}
FACTS = FROM_DATABASE | FROM_MACHINE


def site_facts() -> Facts:
    """A handful of queries; what cannot be found out is left out."""
    return _from_database() | _ask(FROM_MACHINE)


def facts_in_time() -> Facts:
    """The same; without those of a database that does not answer."""
    return (_patient.answer() or {}) | _ask(FROM_MACHINE)


def _from_database() -> Facts:
    found: Facts = {}
    try:
        with briefly(QUERIES_S):
            found = _ask(FROM_DATABASE)
    except Error as error:
        logger.warning("the database tells nothing: %s", type(error).__name__)
    return found


def _ask(questions: Questions) -> Facts:
    found: Facts = {}
    for name, (meaning, ask) in questions.items():
        try:
            with _apart():
                found[name] = (meaning, ask())
        except (Error, OSError, ValueError) as error:
            logger.warning("%s is not known: %s", name, type(error).__name__)
    return found


def _apart() -> AbstractContextManager[Any]:
    """One question that fails does not take the others of its transaction with it."""
    return transaction.atomic() if connection.in_atomic_block else nullcontext()


_patient = Patient(_from_database, PATIENCE_S)
