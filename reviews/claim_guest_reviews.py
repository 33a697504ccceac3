"""Reviews written as a guest become the account's after sign-up."""

from collections.abc import Collection
from contextlib import suppress
from datetime import timedelta

from django.contrib.auth.models import User
from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from django.utils import timezone

from reviews.freshness import FreshnessCounts, lock_movie
from reviews.models import MovieReview
from reviews.repeats import count_instead

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
        unclaimed = movie.reviews.get(pk=review.pk, author=None)
        if unclaimed.repeat_of_id:
            counts = FreshnessCounts(movie)
            count_instead(counts, unclaimed)
            counts.save()
        # Neither text nor label change, so the counters stay right.
        return movie.reviews.filter(pk=review.pk).update(author=author, guest_name="")
    return 0
