"""Daily profiles of the reviews, for the detection of drift."""

from collections import defaultdict
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils import timezone

from mlmodel.models import DriftDay
from mlmodel.sentiment.features.text import words
from mlmodel.sentiment.monitoring.profile import Profile
from reviews.models import Label, MovieReview

CHUNK = 1000


def count_days(n_days: int) -> list[DriftDay]:
    """Replace the profiles of the last days, including today so far, and return them.

    A review is counted for the release that scored it last. A day's profile changes when its
    reviews are rescored, withdrawn or hidden.
    """
    first = timezone.localdate() - timedelta(days=n_days - 1)
    now = timezone.now()
    days = [
        DriftDay(
            day=day,
            release_id=release_id,
            n_reviews=profile.n,
            profile=profile.as_dict(),
            counted_at=now,
        )
        for (day, release_id), profile in sorted(_profiles(first).items())
    ]
    with transaction.atomic():
        # Two processes that count at the same time write the same rows.
        DriftDay.objects.bulk_create(
            days,
            update_conflicts=True,
            unique_fields=["day", "release"],
            update_fields=["n_reviews", "profile", "counted_at"],
        )
        DriftDay.objects.filter(day__gte=first, counted_at__lt=now).delete()
    return days


def _profiles(first: date) -> dict[tuple[date, int], Profile]:
    start = timezone.make_aware(datetime.combine(first, time.min))
    scored = MovieReview.objects.visible().filter(
        created_at__gte=start, release__isnull=False, known_share__isnull=False
    )
    rows = scored.exclude(model_label=Label.UNREAD).order_by()
    profiles: defaultdict[tuple[date, int], Profile] = defaultdict(Profile.empty)
    for created_at, release_id, text, known_share, p_positive, label in rows.values_list(
        "created_at", "release_id", "text", "known_share", "p_positive", "model_label"
    ).iterator(chunk_size=CHUNK):
        profiles[timezone.localdate(created_at), release_id].count_in(
            len(words(text)), known_share, p_positive, label != Label.UNREADABLE
        )
    return dict(profiles)
