"""How a movie's freshness moved: its reviews by the month they were written, counted with it.

A month is a row of 22 numbers, kept in the transaction that changes a review and recounted with
the movie. So a film of a million reviews costs its page a row a month, and a month is read as
the same estimate reads the whole. A log of what the site once showed would be cheaper to keep,
but blank after an import, and could never be proved right.
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
MAX_POINTS = 24  # of a drawing; each costs an estimate of about 0.2 ms

Changes = Counter[tuple[date, int]]  # by month and slot


@dataclass(frozen=True, slots=True)
class Moment:
    """A movie's freshness as the reviews written until the end of that month make it."""

    month: date
    share: Share
    n_counted: int


def count(movie: Movie, review: MovieReview, step: int) -> None:
    """Note one review more or less, until ``save``; only of one that counts."""
    slot = SLOT_OF_HUMAN.get(review.human_label)
    if slot is None and review.p_positive is not None:
        slot = bin_of(review.p_positive)
    if slot is not None:
        _changes(movie)[_month(review), slot] += step


def take_away(movie: Movie) -> None:
    """Note that nothing of what is stored counts; what is counted then makes up for it."""
    changes = Changes()
    for month, counts in movie.freshness_months.values_list("month", "counts"):
        changes.update({(month, slot): -n for slot, n in enumerate(counts)})
    movie.__dict__["month_changes"] = changes


def drift(movie: Movie) -> dict[str, tuple[object, object]]:
    """The months whose stored counts are not those just counted, after ``take_away``."""
    changed = {month for (month, _slot), n in _changes(movie).items() if n}
    if not changed:
        return {}
    stored = dict(movie.freshness_months.values_list("month", "counts"))
    wrong = {month: stored.get(month, [0] * N_SLOTS) for month in sorted(changed)}
    return {
        f"month {month:%Y-%m}": (
            counts,
            [n + _changes(movie)[month, slot] for slot, n in enumerate(counts)],
        )
        for month, counts in wrong.items()
    }


def save(movies: Iterable[Movie]) -> None:
    """Write what was noted: two or three queries, however many movies; under their locks."""
    changed = {movie.pk: moved for movie in movies if (moved := _take(movie))}
    if not changed:
        return
    months = {month for moved in changed.values() for month, _slot in moved}
    rows = FreshnessMonth.objects.filter(movie__in=changed, month__in=months)
    stored = {(row.movie_id, row.month): row for row in rows}
    touched: dict[tuple[int, date], FreshnessMonth] = {}
    for movie_id, moved in changed.items():
        for (month, slot), n in moved.items():
            key = movie_id, month
            row = stored.get(key) or touched.get(key) or _empty(*key)
            row.counts[slot] += n
            touched[key] = row
    FreshnessMonth.objects.bulk_create([row for row in touched.values() if row.pk is None])
    update_rows([row for key, row in touched.items() if key in stored], ["counts"])


def moments(movie: Movie) -> list[Moment]:
    """A movie's freshness over time, from its first month with enough reviews. One query."""
    rows = movie.freshness_months.order_by("month").values_list("month", "counts")
    total, sums = [0] * N_SLOTS, []
    for month, counts in rows:
        total = [before + n for before, n in zip(total, counts, strict=True)]
        if any(counts) and sum(total) >= settings.VERDICT_MIN_REVIEWS:
            sums.append((month, total))
    return [_moment(month, counts) for month, counts in _spread(sums)]


def _moment(month: date, counts: Sequence[int]) -> Moment:
    share = estimate_share(counts[:N_BINS], counts[N_BINS], counts[N_BINS + 1])
    assert share is not None  # noqa: S101  # there are enough reviews
    return Moment(month, share, sum(counts))


def _spread(sums: list[tuple[date, list[int]]]) -> list[tuple[date, list[int]]]:
    """As many as can be drawn, the first and the last among them."""
    if len(sums) <= MAX_POINTS:
        return sums
    last = len(sums) - 1
    return [sums[round(place * last / (MAX_POINTS - 1))] for place in range(MAX_POINTS)]


def _changes(movie: Movie) -> Changes:
    return movie.__dict__.setdefault("month_changes", Changes())


def _take(movie: Movie) -> dict[tuple[date, int], int]:
    return {key: n for key, n in movie.__dict__.pop("month_changes", Changes()).items() if n}


def _month(review: MovieReview) -> date:
    return timezone.localdate(review.created_at).replace(day=1)


def _empty(movie_id: int, month: date) -> FreshnessMonth:
    return FreshnessMonth(movie_id=movie_id, month=month, counts=[0] * N_SLOTS)
