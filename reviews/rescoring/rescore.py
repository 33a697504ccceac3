"""Reading the stored reviews again with another model, in batches that are done or not begun."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.db.models import F, Max, Q, QuerySet
from django.utils import timezone

from mlmodel.models import Release
from mlmodel.sentiment.models.prediction import Prediction
from movies.models import Movie
from reviews import freshness, freshness_history
from reviews.bulk_update import update_rows
from reviews.models import MovieReview, RescoreRun, VerdictBefore

NEEDED = ["movie_id", "model_label", "human_label", "label", "p_positive", "known_share"]
NEEDED += ["release_id", "is_hidden", "hidden_reason", "is_held", "created_at", "updated_at"]
WRITTEN = ["model_label", "p_positive", "known_share", "release", "label", "updated_at"]
MOVED = ["n_counted", "n_positive", "p_histogram"]
PROGRESS = ["last_pk", "n_read", "n_settled", "n_left_alone", "n_failed", "changes"]


class Superseded(Exception):
    """Another release has become champion: going on would put an older reading on the site."""


class Stored(NamedTuple):
    """A review as it was when its text went to the scorer."""

    pk: int
    movie_id: int
    text: str
    updated_at: datetime


Batch = Sequence[Stored]
Predictions = Sequence[Prediction | None]  # None: the scorer stumbled over that text


def open_run(release: Release, *, restart: bool = False) -> RescoreRun:
    """The run of this release that was interrupted, or a new one."""
    unfinished = RescoreRun.objects.filter(finished_at=None)
    if not restart and (run := unfinished.filter(release=release).first()):
        return run
    with transaction.atomic():
        unfinished.update(finished_at=timezone.now())  # nobody will go on with these
        VerdictBefore.objects.all().delete()
        run = draft_run(release)
        run.save()
    return run


def draft_run(release: Release, *, restart: bool = True) -> RescoreRun:
    """A run over all reviews that is not written down."""
    last = MovieReview.objects.aggregate(last=Max("pk"))["last"] or 0
    return RescoreRun(release=release, until_pk=last)


def waiting(run: RescoreRun) -> QuerySet[MovieReview]:
    """What the run has still to read: not what its release has read already."""
    ahead = MovieReview.objects.filter(pk__gt=run.last_pk, pk__lte=run.until_pk)
    return ahead.exclude(release=run.release_id).order_by("pk")


def batches(run: RescoreRun, size: int, limit: int | None = None) -> Iterator[Batch]:
    """The waiting reviews in the order of their keys, never more than ``size`` in memory."""
    todo = waiting(run).values_list(*Stored._fields)
    after, left = run.last_pk, run.until_pk if limit is None else limit
    while left > 0 and (rows := list(todo.filter(pk__gt=after)[: min(size, left)])):
        batch = [Stored(*row) for row in rows]
        yield batch
        after, left = batch[-1].pk, left - len(batch)


def take_all(
    run: RescoreRun, readings: Iterable[tuple[Batch, Predictions]], *, pinned: bool = False
) -> Iterator[int]:
    """Store what was read; yields after each batch how many reviews are done with it.

    Raises
    ------
    Superseded
        If the champion is another release by now, unless the release is ``pinned``.
    """
    for batch, predictions in readings:
        take_batch(run, batch, predictions, pinned=pinned)
        yield len(batch)
    if not waiting(run).exists():
        run.finished_at = timezone.now()
        run.save(update_fields=["finished_at"])


@transaction.atomic
def take_batch(
    run: RescoreRun, batch: Batch, predictions: Predictions, *, pinned: bool = False
) -> None:
    """Store a batch's readings, move its movies' counters, and note where the run is."""
    movies = _lock_movies(batch)
    newer = _newer_releases(run, pinned=pinned)
    reviews = _unchanged(batch, newer)
    tally: Counter[str] = Counter(run.changes)
    read, relabelled = [], []
    counted = {pk: _counters(movie) for pk, movie in movies.items()}
    for stored, prediction in zip(batch, predictions, strict=True):
        review = reviews.get(stored.pk)
        if review is None:
            run.n_left_alone += 1
        elif prediction is None:
            run.n_failed += 1
        else:
            before = review.label
            movie = movies[review.movie_id]
            freshness.count_out(movie, review)
            review.apply(prediction, run.release)
            freshness.count_in(movie, review)
            if review.label != before:
                tally[f"{before} to {review.label}"] += 1
                review._change_reason = f"{before} to {review.label}, read again"
                relabelled.append(review)
            run.n_settled += bool(review.human_label)
            read.append(review)
    # All of them: two readings may change places between months and leave the sum as it was.
    freshness_history.save(movies.values())
    _save(read, [movie for pk, movie in movies.items() if _counters(movie) != counted[pk]], run)
    MovieReview.history.bulk_history_create(relabelled, update=True)
    run.n_read += len(read)
    run.last_pk, run.changes = batch[-1].pk, dict(tally)
    run.save(update_fields=PROGRESS)


def _lock_movies(batch: Batch) -> dict[int, Movie]:
    """The batch's movies, in the order of their keys, locked as ``freshness.lock_movie`` does."""
    ids = {review.movie_id for review in batch}
    locked = Movie.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")
    needed = locked.only("p_histogram", *freshness.FRESHNESS_FIELDS)
    return {movie.pk: movie for movie in needed}


def _newer_releases(run: RescoreRun, *, pinned: bool) -> set[int]:
    """Releases that went live after the run began: what they read is not read again."""
    live = Release.objects.filter(Q(is_champion=True) | Q(promoted_at__gt=run.started_at))
    others = {release.pk: release for release in live if release.pk != run.release_id}
    champion = next((release for release in others.values() if release.is_champion), None)
    if champion and not pinned:
        raise Superseded(champion.version)
    return {pk for pk, release in others.items() if _is_after(release.promoted_at, run.started_at)}


def _is_after(promoted_at: datetime | None, started_at: datetime) -> bool:
    return promoted_at is not None and promoted_at > started_at


def _unchanged(batch: Batch, newer: set[int]) -> dict[int, MovieReview]:
    """The batch's reviews that have still the words that were read; under the movies' lock."""
    rows = MovieReview.objects.filter(pk__in=[review.pk for review in batch])
    reviews = {review.pk: review for review in rows.only(*NEEDED)}
    # A label may have been settled meanwhile; only where something happened the words are compared.
    touched = {
        stored.pk: stored.text
        for stored in batch
        if stored.pk in reviews and reviews[stored.pk].updated_at != stored.updated_at
    }
    texts = dict(rows.filter(pk__in=touched).values_list("pk", "text")) if touched else {}
    return {
        pk: review
        for pk, review in reviews.items()
        if texts.get(pk) == touched.get(pk) and review.release_id not in newer
    }


def _counters(movie: Movie) -> tuple:
    return movie.n_counted, movie.n_positive, tuple(movie.p_histogram or ())


def _save(reviews: Sequence[MovieReview], movies: Sequence[Movie], run: RescoreRun) -> None:
    now = timezone.now()
    for review in reviews:
        review.updated_at = now
    update_rows(reviews, WRITTEN)
    _judge(movies, run)
    update_rows(movies, [*MOVED, *freshness.JUDGED])


def _judge(movies: Sequence[Movie], run: RescoreRun) -> None:
    """Freshness and verdict of the movies, as if all batches had been one.

    Between two batches half of a movie's reviews are read by the one model and half by the
    other; a Certified Hot that is lost only then comes back.
    """
    known = run.verdicts_before.filter(movie__in=movies).values_list("movie_id", "verdict")
    before = dict(known)
    lost = []
    for movie in movies:
        stood = movie.verdict
        freshness.refresh(movie, before=before.get(movie.pk, ""))
        if movie.verdict != stood and movie.pk not in before:
            lost.append(VerdictBefore(run=run, movie=movie, verdict=stood))
    VerdictBefore.objects.bulk_create(lost)


def preview(run: RescoreRun, readings: Iterable[tuple[Batch, Predictions]]) -> Iterator[int]:
    """Count in ``run`` what would change, and write nothing."""
    for batch, predictions in readings:
        rows = MovieReview.objects.filter(pk__in=[stored.pk for stored in batch])
        labels = dict(rows.values_list("pk", "label"))
        settled = set(rows.settled().values_list("pk", flat=True))
        tally = Counter(run.changes)
        for stored, prediction in zip(batch, predictions, strict=True):
            if prediction is None:
                run.n_failed += 1
                continue
            run.n_read += 1
            before = labels.get(stored.pk, prediction.label)
            if stored.pk in settled:
                run.n_settled += 1
            elif before != prediction.label:
                tally[f"{before} to {prediction.label}"] += 1
        run.changes = dict(tally)
        yield len(batch)


def changed_verdicts(run: RescoreRun) -> QuerySet[VerdictBefore]:
    changed = run.verdicts_before.exclude(verdict=F("movie__verdict"))
    return changed.select_related("movie").order_by("movie__title", "movie_id")
