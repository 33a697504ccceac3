"""Import reviews: known reviews are recognised, new ones are scored and counted once."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import prefetch_related_objects
from django.utils import timezone

from common.importing.job import BadRow, ImportJob, shorten
from mlmodel import events as model_events
from mlmodel.sentiment.errors import ModelUnavailable
from mlmodel.serving.champion import get_served
from movies.importing.catalogue import CatalogueEntry, CatalogueIndex
from movies.importing.rows import title_key
from movies.models import Movie
from reviews import events
from reviews.bulk_update import update_rows
from reviews.freshness import FRESHNESS_FIELDS, FreshnessCounts, lock_movies
from reviews.freshness_history import save_months
from reviews.importing.match import Match, Matches
from reviews.importing.rows import ReviewRow, parse_row
from reviews.models import LabelSource, MovieReview, ReviewOrigin

UPDATED = (
    *("text", "has_spoilers", "model_label", "p_positive", "known_share"),
    *("unreadable_reason", "language", "release", "label"),
    *("human_label", "author_label", "is_settled_by_author", "settled_at", "settled_by"),
    *("disputed_at", "dispute_note"),
    *("is_hidden", "hidden_reason", "updated_at"),
)
HUMAN_LABELS = {"human_label", "author_label", "label_source"}  # stored together
COMPARED = ("text", "has_spoilers", *sorted(HUMAN_LABELS), "is_hidden", "hidden_reason")

Predictions = dict[str, tuple[Any, Any]]  # prediction and release by text


@dataclass
class Plan:
    """The changes of one batch."""

    new: list[tuple[MovieReview, ReviewRow]] = field(default_factory=list)
    changed: list[tuple[MovieReview, dict[str, Any], ReviewRow]] = field(default_factory=list)
    # Reviews whose human label changes, with the label that counted before.
    corrected: list[tuple[MovieReview, str]] = field(default_factory=list)


class ReviewImport(ImportJob[Match]):
    """An import of reviews, which holds the catalogue's ids and one batch in memory.

    A batch locks its movies while it is written.
    """

    def __init__(self, parse: Callable[[Any], ReviewRow] = parse_row, **options: Any) -> None:
        super().__init__(**options)
        self.parse_review = parse
        self.index = CatalogueIndex()

    def parse(self, row: Any) -> Match:
        review = self.parse_review(row)
        entry = self._find_movie(review)
        if entry is None or entry.pk is None:
            raise BadRow("movie not in the catalogue")
        return Match(review, entry.pk)

    def _find_movie(self, row: ReviewRow) -> CatalogueEntry | None:
        entry = self.index.find(row.movie)
        if entry or row.is_year_exact:
            return entry
        # Lists date a festival movie by the festival or by its release in cinemas.
        title, year = row.movie.title, row.movie.year
        return self.index.only_movie_of(title_key(title, year - 1), title_key(title, year + 1))

    def merge(self, rows: Sequence[Match]) -> None:
        matches = Matches(rows)
        predictions = {} if self.dry_run else self._predict(matches)
        with transaction.atomic():
            movies = {} if self.dry_run else _lock_movies(rows)
            # Again, because reviews may have changed before the movies were locked.
            plan = self._plan(matches if self.dry_run else Matches(rows), movies)
            if not self.dry_run:
                _write(plan, movies, predictions)
        _emit_corrections(plan.corrected)

    def _predict(self, matches: Matches) -> Predictions:
        """Predict the labels of new texts, outside of any lock."""
        texts = [
            match.row.text
            for match in matches
            if self._needs_prediction(matches.stored(match), match)
        ]
        texts = list(dict.fromkeys(texts))
        started = time.perf_counter()
        try:
            served = get_served()
            predictions = served.scorer.predict_many(texts)
        except ModelUnavailable:
            return {}  # score_pending will score them
        model_events.batch_predicted(
            predictions,
            path="import_reviews",
            version=served.scorer.version,
            latency_ms=(time.perf_counter() - started) * 1000,
        )
        return {
            text: (prediction, served.release)
            for text, prediction in zip(texts, predictions, strict=True)
        }

    def _needs_prediction(self, stored: MovieReview | None, match: Match) -> bool:
        return stored is None or (self.overwrite and stored.text != match.row.text)

    def _plan(self, matches: Matches, movies: dict[int, FreshnessCounts]) -> Plan:
        plan = Plan()
        for match in matches:
            if not self.dry_run and match.movie_id not in movies:
                self.summary.skipped["movie deleted during the import"] += 1
            elif matches.is_duplicate(match):
                self.summary.skipped["same review twice in the file"] += 1
            elif stored := matches.stored(match):
                self._plan_change(plan, stored, match.row)
            else:
                plan.new.append((matches.new_review(match), match.row))
                self.summary.created += 1
                self.on_change(f"+ {_describe(match.row)}: {shorten(match.row.text)}")
        return plan

    def _plan_change(self, plan: Plan, stored: MovieReview, row: ReviewRow) -> None:
        differs = {
            name: value
            for name in COMPARED
            if (value := getattr(row, name)) != getattr(stored, name) and value != ""
        }
        # Without --overwrite, only a missing human label is filled in.
        changes = differs if self.overwrite else self._filling(stored, differs)
        for name, value in changes.items():
            old = shorten(getattr(stored, name))
            self.on_change(f"~ {_describe(row)}: {name}: {old} -> {shorten(value)}")
        if changes:
            plan.changed.append((stored, changes, row))
            self.summary.updated += 1
        else:
            reason = "differs and is kept (--overwrite replaces it)" if differs else "unchanged"
            self.summary.skipped[reason] += 1

    def _filling(self, stored: MovieReview, differs: dict[str, Any]) -> dict[str, Any]:
        if "human_label" in differs and not stored.human_label and "text" not in differs:
            return {name: value for name, value in differs.items() if name in HUMAN_LABELS}
        return {}


def _describe(row: ReviewRow) -> str:
    movie = row.movie.imdb_id or row.movie.wikipedia_page or f"{row.movie.title} ({row.movie.year})"
    return f"{movie}, {row.author or row.guest_name or 'a guest'}"


def _lock_movies(matches: Sequence[Match]) -> dict[int, FreshnessCounts]:
    movies = Movie.objects.filter(pk__in={match.movie_id for match in matches})
    return {movie.pk: FreshnessCounts(movie) for movie in lock_movies(movies)}


def _write(plan: Plan, movies: dict[int, FreshnessCounts], predictions: Predictions) -> None:
    for stored, changes, row in plan.changed:
        counts = movies[stored.movie_id]
        counts.remove(stored)
        human, label = (stored.human_label, stored.label_source), str(stored.label)
        _change(stored, changes, row, predictions)
        counts.add(stored)
        if (stored.human_label, stored.label_source) != human:
            stored.movie = counts.movie
            plan.corrected.append((stored, label))
    update_rows([stored for stored, *_ in plan.changed], UPDATED)
    _create(plan.new, predictions)
    for review, _row in plan.new:
        movies[review.movie_id].add(review)
    written = [*(review for review, *_ in plan.new), *(review for review, *_ in plan.changed)]
    touched = {review.movie_id for review in written}
    _save_counts([counts for pk, counts in movies.items() if pk in touched])


def _emit_corrections(corrected: Sequence[tuple[MovieReview, str]]) -> None:
    prefetch_related_objects([review for review, _label in corrected], "release")
    for review, label in corrected:
        events.corrected(review, label, None)


def _change(
    stored: MovieReview, changes: dict[str, Any], row: ReviewRow, predictions: Predictions
) -> None:
    if "text" in changes:
        stored.text = changes["text"]
        stored.settle_as_author("")  # the label was given to another text
        _apply(stored, predictions)
    for name in ("has_spoilers", "is_hidden", "hidden_reason"):
        setattr(stored, name, changes.get(name, getattr(stored, name)))
    if HUMAN_LABELS & changes.keys():
        _settle(stored, row)
    stored.updated_at = timezone.now()


def _create(new: Sequence[tuple[MovieReview, ReviewRow]], predictions: Predictions) -> None:
    for review, row in new:
        _apply(review, predictions)
        if row.human_label:
            _settle(review, row)
    MovieReview.objects.bulk_create([review for review, _row in new])
    dated = [(review, row.created_at) for review, row in new if row.created_at]
    for review, created_at in dated:
        review.created_at = created_at
    # In a second query, because the first always stores the current time.
    update_rows([review for review, _created_at in dated], ["created_at"])
    ReviewOrigin.objects.bulk_create(
        ReviewOrigin(review=review, key=row.key) for review, row in new
    )


def _settle(review: MovieReview, row: ReviewRow) -> None:
    review.author_label = row.author_label or review.author_label
    if row.label_source == LabelSource.CURATOR:
        review.settle(row.human_label)
    else:
        review.settle_as_author(review.author_label)
    review.settled_at = row.settled_at or review.settled_at


def _apply(review: MovieReview, predictions: Predictions) -> None:
    if review.text in predictions:
        review.apply(*predictions[review.text])
    else:
        review.mark_unread()


def _save_counts(counts: Sequence[FreshnessCounts]) -> None:
    for each in counts:
        each.estimate()
    update_rows([each.movie for each in counts], FRESHNESS_FIELDS)
    save_months(each.months for each in counts)
