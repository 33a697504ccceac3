"""Scoring the stored reviews again with another release, one batch per transaction."""

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
from reviews.bulk_update import update_rows
from reviews.freshness import ESTIMATED, FRESHNESS_FIELDS, FreshnessCounts, lock_movies
from reviews.freshness_history import save_months
from reviews.models import MovieReview, RescoreRun, VerdictBefore

LOADED = ["movie_id", "model_label", "human_label", "label", "p_positive", "known_share"]
LOADED += ["author_label", "is_settled_by_author", "repeat_of_id"]
LOADED += [
    "unreadable_reason",
    "language",
    "release_id",
    "is_hidden",
    "hidden_reason",
    "is_held",
    "created_at",
    "updated_at",
]
UPDATED = ["model_label", "p_positive", "known_share", "unreadable_reason", "language", "release"]
UPDATED += ["label", "updated_at"]
COUNTERS = ["n_counted", "n_positive", "p_histogram"]
PROGRESS = ["last_pk", "n_read", "n_settled", "n_left_alone", "n_failed", "changes"]


class Superseded(Exception):
    """Another release has become champion, so this one's predictions would be outdated."""


class ReviewText(NamedTuple):
    """A review as it was when its text was scored."""

    pk: int
    movie_id: int
    text: str
    updated_at: datetime


Batch = Sequence[ReviewText]
Predictions = Sequence[Prediction | None]  # None: the scorer failed on that text


def open_run(release: Release, *, restart: bool = False) -> RescoreRun:
    """Return the release's interrupted run, or a new one."""
    unfinished = RescoreRun.objects.filter(finished_at=None)
    if not restart and (run := unfinished.filter(release=release).first()):
        return run
    with transaction.atomic():
        unfinished.update(finished_at=timezone.now())  # they will not be continued
        VerdictBefore.objects.all().delete()
        run = draft_run(release)
        run.save()
    return run


def draft_run(release: Release, *, restart: bool = True) -> RescoreRun:
    """Return an unsaved run over all reviews."""
    last = MovieReview.objects.aggregate(last=Max("pk"))["last"] or 0
    return RescoreRun(release=release, until_pk=last)


def remaining(run: RescoreRun) -> QuerySet[MovieReview]:
    """Return the reviews that the run has not reached and its release has not scored."""
    ahead = MovieReview.objects.filter(pk__gt=run.last_pk, pk__lte=run.until_pk)
    return ahead.exclude(release=run.release_id).order_by("pk")


def batches(run: RescoreRun, size: int, limit: int | None = None) -> Iterator[Batch]:
    """Yield the remaining reviews in the order of their keys, ``size`` at a time."""
    reviews = remaining(run).values_list(*ReviewText._fields)
    last_pk, n_left = run.last_pk, run.until_pk if limit is None else limit
    while n_left > 0 and (rows := list(reviews.filter(pk__gt=last_pk)[: min(size, n_left)])):
        batch = [ReviewText(*row) for row in rows]
        yield batch
        last_pk, n_left = batch[-1].pk, n_left - len(batch)


def store_all(
    run: RescoreRun, scored: Iterable[tuple[Batch, Predictions]], *, pinned: bool = False
) -> Iterator[int]:
    """Store the predictions of each batch, and yield its size.

    Raises
    ------
    Superseded
        If another release has become champion, unless the run's release is ``pinned``.
    """
    for batch, predictions in scored:
        store_batch(run, batch, predictions, pinned=pinned)
        yield len(batch)
    if not remaining(run).exists():
        run.finished_at = timezone.now()
        run.save(update_fields=["finished_at"])


@transaction.atomic
def store_batch(
    run: RescoreRun, batch: Batch, predictions: Predictions, *, pinned: bool = False
) -> None:
    """Store a batch's predictions, its movies' counters and the run's progress."""
    movies = Movie.objects.filter(pk__in={review.movie_id for review in batch})
    movies = movies.only("p_histogram", *FRESHNESS_FIELDS)
    counts = {movie.pk: FreshnessCounts(movie) for movie in lock_movies(movies)}
    before = {pk: _counters(each.movie) for pk, each in counts.items()}
    reviews = _unchanged(batch, _newer_releases(run, pinned=pinned))
    rescored, relabelled = [], []
    for scored, prediction in zip(batch, predictions, strict=True):
        review = reviews.get(scored.pk)
        if review is None:
            run.n_left_alone += 1
        elif prediction is None:
            run.n_failed += 1
        else:
            old_label = review.label
            counts[review.movie_id].remove(review)
            review.apply(prediction, run.release)
            counts[review.movie_id].add(review)
            run.n_settled += bool(review.human_label)
            rescored.append(review)
            if review.label != old_label:
                review._change_reason = f"{old_label} to {review.label}"
                relabelled.append(review)
    # Of all movies: months can change although the movie's sums stay the same.
    save_months(each.months for each in counts.values())
    changed = [each for pk, each in counts.items() if _counters(each.movie) != before[pk]]
    _save(rescored, changed, run)
    MovieReview.history.bulk_history_create(relabelled, update=True)
    run.n_read += len(rescored)
    run.last_pk = batch[-1].pk
    run.changes = dict(Counter(run.changes) + Counter(each._change_reason for each in relabelled))
    run.save(update_fields=PROGRESS)


def _newer_releases(run: RescoreRun, *, pinned: bool) -> set[int]:
    """Return the releases that went live after the run began: their predictions are kept."""
    live = Release.objects.filter(Q(is_champion=True) | Q(promoted_at__gt=run.started_at))
    others = {release.pk: release for release in live if release.pk != run.release_id}
    champion = next((release for release in others.values() if release.is_champion), None)
    if champion and not pinned:
        raise Superseded(champion.version)
    return {
        pk
        for pk, release in others.items()
        if release.promoted_at and release.promoted_at > run.started_at
    }


def _unchanged(batch: Batch, newer: set[int]) -> dict[int, MovieReview]:
    """Return the batch's reviews whose text is still the one that was scored."""
    rows = MovieReview.objects.filter(pk__in=[review.pk for review in batch])
    reviews = {review.pk: review for review in rows.only(*LOADED)}
    # An update may have been of the label only: compare the texts, but only of updated reviews.
    touched = {
        scored.pk: scored.text
        for scored in batch
        if scored.pk in reviews and reviews[scored.pk].updated_at != scored.updated_at
    }
    texts = dict(rows.filter(pk__in=touched).values_list("pk", "text")) if touched else {}
    return {
        pk: review
        for pk, review in reviews.items()
        if texts.get(pk) == touched.get(pk) and review.release_id not in newer
    }


def _counters(movie: Movie) -> tuple:
    return movie.n_counted, movie.n_positive, tuple(movie.p_histogram or ())


def _save(
    reviews: Sequence[MovieReview], counts: Sequence[FreshnessCounts], run: RescoreRun
) -> None:
    now = timezone.now()
    for review in reviews:
        review.updated_at = now
    update_rows(reviews, UPDATED)
    _estimate(counts, run)
    update_rows([each.movie for each in counts], [*COUNTERS, *ESTIMATED])


def _estimate(counts: Sequence[FreshnessCounts], run: RescoreRun) -> None:
    """Estimate the movies' freshness and verdict as if all batches were one.

    Between two batches, a movie has predictions of both releases. A Certified Hot that is lost
    only in between must come back, so the verdict from before the run decides whether it is kept.
    """
    movies = [each.movie for each in counts]
    recorded = run.verdicts_before.filter(movie__in=movies)
    previous = dict(recorded.values_list("movie_id", "verdict"))
    changed = []
    for each in counts:
        movie, old_verdict = each.movie, each.movie.verdict
        each.estimate(previous=previous.get(movie.pk, ""))
        if movie.verdict != old_verdict and movie.pk not in previous:
            changed.append(VerdictBefore(run=run, movie=movie, verdict=old_verdict))
    VerdictBefore.objects.bulk_create(changed)


def dry_run(run: RescoreRun, scored: Iterable[tuple[Batch, Predictions]]) -> Iterator[int]:
    """Count in an unsaved run what would change, and yield each batch's size."""
    for batch, predictions in scored:
        rows = MovieReview.objects.filter(pk__in=[review.pk for review in batch])
        labels = dict(rows.values_list("pk", "label"))
        settled = set(rows.settled().values_list("pk", flat=True))
        tally = Counter(run.changes)
        for review, prediction in zip(batch, predictions, strict=True):
            if prediction is None:
                run.n_failed += 1
                continue
            run.n_read += 1
            old_label = labels.get(review.pk, prediction.label)
            if review.pk in settled:
                run.n_settled += 1
            elif old_label != prediction.label:
                tally[f"{old_label} to {prediction.label}"] += 1
        run.changes = dict(tally)
        yield len(batch)


def changed_verdicts(run: RescoreRun) -> QuerySet[VerdictBefore]:
    changed = run.verdicts_before.exclude(verdict=F("movie__verdict"))
    return changed.select_related("movie").order_by("movie__title", "movie_id")
