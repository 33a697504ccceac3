"""The first page of the admin: what waits for a curator, and who did what."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.db.models import Count, Min, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from mlmodel.models import Release
from mlmodel.serving.champion import serving_release
from reviews.models import MovieReview, ReviewBurst
from reviews.moderation import queue
from reviews.moderation.queue import MAX_COUNTED, Kind

N_ACTIONS = 12
N_CURATORS = 8
RECENT = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A pile of work: how much, since when, and where to do it."""

    name: str | Promise
    n: int
    oldest: datetime | None
    address: str
    test_id: str

    @property
    def has_more(self) -> bool:
        return self.n == MAX_COUNTED


def dashboard_page(request: HttpRequest) -> HttpResponse:
    context = {}
    if request.user.has_perm("reviews.change_moviereview"):
        context = dashboard()
    return admin.site.index(request, context)


def dashboard() -> dict[str, Any]:
    """Return the context of the page, by a fixed number of queries."""
    champion = Release.objects.champion()
    waiting = list(_piles())
    return {
        "waiting": waiting,
        "n_queue": sum(pile.n for pile in waiting if pile.test_id in Kind.values),
        "actions": LogEntry.objects.select_related("user", "content_type").order_by(
            "-action_time", "-pk"
        )[:N_ACTIONS],
        "curators": curators(since=timezone.now() - RECENT),
        "champion": champion or serving_release(),
        "is_promoted": champion is not None,
    }


def _piles() -> Iterator[Waiting]:
    counts, oldest = queue.counts(), queue.oldest()
    address = reverse("admin:reviews_moviereview_queue")
    for kind in Kind:
        name = capfirst(kind.label)
        yield Waiting(name, counts[kind], oldest[kind], f"{address}?kind={kind}", kind.value)
    bursts = ReviewBurst.objects.filter(decided_at=None)
    yield Waiting(
        _("Bursts held back"),
        bursts[:MAX_COUNTED].count(),
        bursts.aggregate(at=Min("started_at"))["at"],
        reverse("admin:reviews_reviewburst_changelist"),
        "bursts",
    )
    unread = MovieReview.objects.unread()
    yield Waiting(
        _("Not scored yet"),
        unread[:MAX_COUNTED].count(),
        # Not created_at: imported reviews are old, and an edited review is scored again.
        unread.aggregate(at=Min("updated_at"))["at"],
        f"{reverse('admin:reviews_moviereview_changelist')}?label__exact=unread",
        "unread",
    )


def curators(*, since: datetime) -> QuerySet:
    """Return who did how much in the admin, the busiest first."""
    recent = LogEntry.objects.filter(action_time__gte=since)
    by_user = recent.values("user__username").annotate(n=Count("pk"))
    return by_user.order_by("-n", "user__username")[:N_CURATORS]
