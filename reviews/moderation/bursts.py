"""A burst: reviews of one movie that come so fast that somebody may have called for them.

They are stored, read and shown, but held back from the freshness until a curator decides. Whoever
looks holds the movie's lock, so that a burst begins once, and what it holds is not counted.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from movies.models import Movie
from reviews import freshness
from reviews.bulk_update import update_rows
from reviews.models import MovieReview, ReviewBurst

logger = logging.getLogger(__name__)

Arrivals = Sequence[tuple[datetime, int | None]]  # when, and in which burst; the newest first


class AlreadyDecided(Exception):
    """Another curator was faster."""


def watch(movie: Movie, review: MovieReview) -> None:
    """Hold the newest reviews back if they are a burst; ``review`` has just been counted."""
    size = settings.BURST_REVIEWS
    if not size or movie.n_reviews < size:
        return
    # What is hidden is out of the way: spam that goes on is no faster than the spam before.
    newest = movie.reviews.visible().newest_first()
    arrivals = list(newest.values_list("created_at", "burst_id")[: 2 * size])
    if not _is_fast(arrivals[:size]):
        return
    burst = movie.bursts.filter(decided_at=None).first()
    if burst is None and _is_unusual(arrivals, size):
        burst = movie.bursts.create()
        logger.warning("a burst of reviews on %s is held back", movie.slug)
    if burst:
        _hold(movie, burst, review, size)


def _is_fast(newest: Arrivals) -> bool:
    times = [time for time, _burst in newest]
    return times[0] - times[-1] <= timedelta(minutes=settings.BURST_MINUTES)


def _is_unusual(arrivals: Arrivals, size: int) -> bool:
    """Whether the newest came much faster than as many before them; both read from an index."""
    newest, before = arrivals[:size], arrivals[size - 1 :]
    if any(burst for _time, burst in newest):
        return False  # a curator has decided on some of them
    if len(before) == 1:
        return True  # the movie's very first
    return _gap(before) >= settings.BURST_FACTOR * _gap(newest)


def _gap(arrivals: Arrivals) -> timedelta:
    """The mean time from one to the next."""
    return (arrivals[0][0] - arrivals[-1][0]) / max(1, len(arrivals) - 1)


def _hold(movie: Movie, burst: ReviewBurst, review: MovieReview, size: int) -> None:
    # What a person has labelled was looked at.
    newest = movie.reviews.visible().newest_first()[:size]
    suspects = [each for each in newest if each.burst_id is None and not each.human_label]
    for each in suspects:
        freshness.count_out(movie, each)
        each.is_held, each.burst = True, burst
        freshness.count_in(movie, each)
        if each.pk == review.pk:
            review.is_held, review.burst = True, burst
    update_rows(suspects, ["is_held", "burst"])


def decide(*, burst: ReviewBurst, decision: str, by: User, reason: str = "") -> int:
    """Count the held reviews of a burst, or hide them; how many.

    Raises
    ------
    AlreadyDecided
        If somebody has decided on it.
    """
    with transaction.atomic():
        movie = freshness.lock_movie(burst.movie_id)
        stored = movie.bursts.get(pk=burst.pk)
        if stored.decided_at:
            raise AlreadyDecided
        held = list(stored.reviews.filter(is_held=True))
        for review in held:
            freshness.count_out(movie, review)
            review.is_held = False
            if decision == ReviewBurst.Decision.HIDE and not review.is_hidden:
                review.is_hidden, review.hidden_reason = True, reason
            freshness.count_in(movie, review)
        update_rows(held, ["is_held", "is_hidden", "hidden_reason"])
        MovieReview.history.bulk_history_create(
            held, update=True, default_user=by, default_change_reason=f"burst: {decision}"
        )
        stored.decision, stored.decided_by, stored.decided_at = decision, by, timezone.now()
        stored.save()
        freshness.refresh(movie)
        freshness.save(movie)
    return len(held)
