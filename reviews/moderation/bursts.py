"""Bursts: reviews of one movie that come so fast that someone may have called for them.

They are stored, scored and shown, but do not count until a curator decides. Detection runs under
the movie's lock, so that a burst starts only once and no held review is counted.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from common.text import single_line
from reviews.bulk_update import update_rows
from reviews.freshness import FreshnessCounts, lock_movie
from reviews.models import LabelSource, MovieReview, ReviewBurst

logger = logging.getLogger(__name__)

Arrivals = Sequence[tuple[datetime, int | None]]  # creation time and burst, newest first


class AlreadyDecided(Exception):
    """Another curator has decided on the burst."""


def hold_back_burst(counts: FreshnessCounts, review: MovieReview) -> None:
    """Hold back the newest reviews of a locked movie if they are a burst.

    ``review`` has just been counted; it is updated if it is one of them.
    """
    movie, size = counts.movie, settings.BURST_REVIEWS
    if not size or movie.n_reviews < size:
        return
    # Without hidden reviews: continued spam would look no faster than the spam before it.
    newest = movie.reviews.visible().newest_first()
    arrivals = list(newest.values_list("created_at", "burst_id")[: 2 * size])
    if not _is_fast(arrivals[:size]):
        return
    burst = movie.bursts.filter(decided_at=None).first()
    if burst is None and _is_unusual(arrivals, size):
        burst = movie.bursts.create()
        logger.warning("a burst of reviews on %s is held back", movie.slug)
    if burst:
        _hold(counts, burst, review, size)


def _is_fast(newest: Arrivals) -> bool:
    times = [time for time, _burst in newest]
    return times[0] - times[-1] <= timedelta(minutes=settings.BURST_MINUTES)


def _is_unusual(arrivals: Arrivals, size: int) -> bool:
    """Return whether the newest reviews came much faster than as many before them."""
    newest, earlier = arrivals[:size], arrivals[size - 1 :]
    if any(burst for _time, burst in newest):
        return False  # a curator has decided on some of them
    if len(earlier) == 1:
        return True  # the first reviews of the movie
    return _mean_gap(earlier) >= settings.BURST_FACTOR * _mean_gap(newest)


def _mean_gap(arrivals: Arrivals) -> timedelta:
    return (arrivals[0][0] - arrivals[-1][0]) / max(1, len(arrivals) - 1)


def _hold(counts: FreshnessCounts, burst: ReviewBurst, review: MovieReview, size: int) -> None:
    newest = counts.movie.reviews.visible().newest_first()[:size]
    # A curator has looked at the reviews with a curator's label.
    suspects = [
        each
        for each in newest
        if each.burst_id is None and each.label_source != LabelSource.CURATOR
    ]
    for each in suspects:
        counts.remove(each)
        each.is_held, each.burst = True, burst
        counts.add(each)
        if each.pk == review.pk:
            review.is_held, review.burst = True, burst
    update_rows(suspects, ["is_held", "burst"])


def decide(*, burst: ReviewBurst, decision: str, by: User, reason: str = "") -> int:
    """Count or hide the held reviews of a burst, and return their number.

    Raises
    ------
    AlreadyDecided
        If another curator has decided on the burst.
    """
    with transaction.atomic():
        counts = FreshnessCounts(lock_movie(burst.movie_id))
        stored = counts.movie.bursts.get(pk=burst.pk)
        if stored.decided_at:
            raise AlreadyDecided
        held = list(stored.reviews.filter(is_held=True))
        for review in held:
            counts.remove(review)
            review.is_held = False
            if decision == ReviewBurst.Decision.HIDE and not review.is_hidden:
                review.is_hidden, review.hidden_reason = True, single_line(reason)
            counts.add(review)
        update_rows(held, ["is_held", "is_hidden", "hidden_reason"])
        MovieReview.history.bulk_history_create(
            held, update=True, default_user=by, default_change_reason=f"burst: {decision}"
        )
        stored.decision, stored.decided_by, stored.decided_at = decision, by, timezone.now()
        stored.save()
        counts.save()
    return len(held)
