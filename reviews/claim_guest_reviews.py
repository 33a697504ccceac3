"""A guest who signs up keeps what he wrote."""

from collections.abc import Collection
from contextlib import suppress
from datetime import timedelta

from django.contrib.auth.models import User
from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from django.utils import timezone

from reviews import freshness
from reviews.models import MovieReview

# A browser may be shared: what was written the day before may be somebody else's.
CLAIM_WITHIN = timedelta(days=1)


def claim_reviews(*, ids: Collection[int], author: User) -> int:
    """Put the author's name on these guest reviews, on the newest of each movie; how many."""
    since = timezone.now() - CLAIM_WITHIN
    written = MovieReview.objects.filter(pk__in=ids, author=None, created_at__gte=since)
    return sum(_claim(review, author) for review in written.newest_first())


def _claim(review: MovieReview, author: User) -> int:
    with suppress(ObjectDoesNotExist), transaction.atomic():
        movie = freshness.lock_movie(review.movie_id)
        if movie.reviews.filter(author=author).exists():
            return 0
        # Neither words nor label change, so neither do the counters.
        mine = movie.reviews.filter(pk=review.pk, author=None)
        return mine.update(author=author, guest_name="")
    return 0
