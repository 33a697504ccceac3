"""Reviews that a guest writes of one movie in one browser count once.

One of them counts; each of the others refers to it with ``repeat_of``. All changes are made under
the movie's lock.
"""

from collections.abc import Collection, Iterable

from django.db.models import Q

from movies.models import Movie
from reviews.bulk_update import update_rows
from reviews.freshness import FreshnessCounts
from reviews.models import Label, MovieReview


def counted_one(movie: Movie, written: Collection[int]) -> MovieReview | None:
    """Return the review that counts among the guest reviews ``written`` in a browser."""
    by_guest = movie.reviews.filter(pk__in=written, author=None, repeat_of=None)
    # One that is hidden or unreadable does not count, so it cannot keep a new one from counting.
    return by_guest.visible().exclude(label=Label.UNREADABLE).order_by("pk").first()


def join(counts: FreshnessCounts, review: MovieReview, written: Collection[int]) -> None:
    """Let the guest reviews ``written`` repeat a new one that counts."""
    if review.repeat_of_id is None and written:
        mine = Q(pk__in=written, author=None)
        others = counts.movie.reviews.filter(mine | Q(repeat_of__in=written)).exclude(pk=review.pk)
        _repeat(counts, review, others)


def count_instead(counts: FreshnessCounts, review: MovieReview) -> None:
    """Let a review count instead of the one that it repeats."""
    if review.repeat_of_id is None:
        return
    same = Q(pk=review.repeat_of_id) | Q(repeat_of=review.repeat_of_id)
    _repeat(counts, review, counts.movie.reviews.filter(same).exclude(pk=review.pk))


def _repeat(counts: FreshnessCounts, counted: MovieReview, others: Iterable[MovieReview]) -> None:
    changed = [counted, *others]
    for review in changed:
        counts.remove(review)
        review.repeat_of = None if review.pk == counted.pk else counted
        counts.add(review)
    update_rows(changed, ["repeat_of"])


def heir_of(review: MovieReview) -> MovieReview | None:
    """Return the repeat that counts when its review is withdrawn."""
    repeats = review.repeats.visible().order_by("pk")
    return repeats.exclude(label=Label.UNREADABLE).first() or review.repeats.order_by("pk").first()
