"""A movie's freshness over time, from monthly histograms of its counted reviews.

Each month is a row of 22 numbers, updated in the transaction that changes a review. So the page
of a movie with a million reviews reads one row per month, and each month's freshness is estimated
in the same way as the movie's. A log of the freshness that was shown would be cheaper to keep, but
it would be empty after an import and could not be verified.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.utils import timezone

from mlmodel.sentiment.models.quantification import N_BINS, Share, bin_of, estimate_share
from movies.models import Movie
from reviews.bulk_update import update_rows
from reviews.models import FreshnessMonth, Label, MovieReview

SLOT_OF_HUMAN = {Label.POSITIVE.value: N_BINS, Label.NEGATIVE.value: N_BINS + 1}
N_SLOTS = N_BINS + 2
MAX_POINTS = 24  # of a chart; each costs an estimate of about 0.2 ms


@dataclass(frozen=True, slots=True)
class Moment:
    """A movie's freshness by the reviews written until the end of a month."""

    month: date
    share: Share
    n_counted: int


class MonthChanges:
    """Changes of a movie's monthly counts that are not saved yet."""

    def __init__(self, movie: Movie) -> None:
        self.movie = movie
        self.by_slot: Counter[tuple[date, int]] = Counter()  # keys are month and slot

    def count(self, review: MovieReview, step: int) -> None:
        """Add or remove a review that counts towards the freshness."""
        slot = SLOT_OF_HUMAN.get(review.human_label)
        if slot is None and review.p_positive is not None:
            slot = bin_of(review.p_positive)
        if slot is not None:
            month = timezone.localdate(review.created_at).replace(day=1)
            self.by_slot[month, slot] += step

    def subtract_stored(self) -> None:
        """Start from zero: subtract everything that is stored."""
        self.by_slot.clear()
        for month, counts in self.movie.freshness_months.values_list("month", "counts"):
            self.by_slot.update({(month, slot): -n for slot, n in enumerate(counts)})

    def drift(self) -> dict[str, tuple[object, object]]:
        """Return the stored and the right counts of each month that has changes."""
        changed = {month for (month, _slot), n in self.by_slot.items() if n}
        if not changed:
            return {}
        stored = dict(self.movie.freshness_months.values_list("month", "counts"))
        wrong = {month: stored.get(month, [0] * N_SLOTS) for month in sorted(changed)}
        return {
            f"month {month:%Y-%m}": (
                counts,
                [n + self.by_slot[month, slot] for slot, n in enumerate(counts)],
            )
            for month, counts in wrong.items()
        }


def save_months(changes: Iterable[MonthChanges]) -> None:
    """Save the changes of any number of locked movies in at most three queries."""
    changed = {
        (each.movie.pk, month, slot): n
        for each in changes
        for (month, slot), n in each.by_slot.items()
        if n
    }
    if not changed:
        return
    movie_ids, months, _slots = (set(values) for values in zip(*changed, strict=True))
    rows = FreshnessMonth.objects.filter(movie__in=movie_ids, month__in=months)
    stored = {(row.movie_id, row.month): row for row in rows}
    touched: dict[tuple[int, date], FreshnessMonth] = {}
    for (movie_id, month, slot), n in changed.items():
        key = movie_id, month
        if key not in touched:
            empty = FreshnessMonth(movie_id=movie_id, month=month, counts=[0] * N_SLOTS)
            touched[key] = stored.get(key, empty)
        touched[key].counts[slot] += n
    FreshnessMonth.objects.bulk_create([row for row in touched.values() if row.pk is None])
    update_rows([row for key, row in touched.items() if key in stored], ["counts"])


def moments(movie: Movie) -> list[Moment]:
    """Return a movie's freshness from its first month with enough reviews, in one query."""
    rows = movie.freshness_months.order_by("month").values_list("month", "counts")
    total, sums = [0] * N_SLOTS, []
    for month, counts in rows:
        total = [before + n for before, n in zip(total, counts, strict=True)]
        if any(counts) and sum(total) >= settings.VERDICT_MIN_REVIEWS:
            sums.append((month, total))
    return [_moment(month, counts) for month, counts in _thin_out(sums)]


def _moment(month: date, counts: Sequence[int]) -> Moment:
    share = estimate_share(counts[:N_BINS], counts[N_BINS], counts[N_BINS + 1])
    assert share is not None  # noqa: S101  # there are enough reviews
    return Moment(month, share, sum(counts))


def _thin_out(sums: list[tuple[date, list[int]]]) -> list[tuple[date, list[int]]]:
    """Keep at most ``MAX_POINTS``, evenly spread, with the first and the last."""
    if len(sums) <= MAX_POINTS:
        return sums
    last = len(sums) - 1
    return [sums[round(place * last / (MAX_POINTS - 1))] for place in range(MAX_POINTS)]
