"""Reviews written as a guest become the account's after sign-up."""

from collections.abc import Collection
from contextlib import suppress
from datetime import timedelta

from django.contrib.auth.models import User
from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from django.utils import timezone

from reviews.freshness import lock_movie
from reviews.models import MovieReview

# A browser may be shared: an older review may be by someone else.
CLAIM_WITHIN = timedelta(days=1)


def claim_reviews(*, ids: Collection[int], author: User) -> int:
    """Make guest reviews the author's, the newest of each movie, and return their number."""
    since = timezone.now() - CLAIM_WITHIN
    reviews = MovieReview.objects.filter(pk__in=ids, author=None, created_at__gte=since)
    return sum(_claim(review, author) for review in reviews.newest_first())


def _claim(review: MovieReview, author: User) -> int:
    with suppress(ObjectDoesNotExist), transaction.atomic():
        movie = lock_movie(review.movie_id)
        if movie.reviews.filter(author=author).exists():
            return 0
        # Neither text nor label change, so the counters stay right.
        unclaimed = movie.reviews.filter(pk=review.pk, author=None)
        return unclaimed.update(author=author, guest_name="")
    return 0
