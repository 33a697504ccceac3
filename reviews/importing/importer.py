"""Reviews from a file: each is found again, read by the model, and counted exactly once."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import prefetch_related_objects
from django.utils import timezone

from mlmodel.monitoring import events as model_events
from mlmodel.sentiment.errors import ModelUnavailable
from mlmodel.serving.champion import get_served
from movies.importing.catalogue import CatalogueIndex, Film, NotOneFilm
from movies.importing.files import ImportFileError
from movies.importing.importer import Summary, shown
from movies.importing.rows import BadRow, title_key
from movies.models import Movie
from reviews import events, freshness, freshness_history
from reviews.bulk_update import update_rows
from reviews.importing.match import Match, Matches
from reviews.importing.rows import ReviewRow
from reviews.models import MovieReview, ReviewOrigin

BATCH_SIZE = 500  # a batch locks its films while it is written
UPDATED = (
    *("text", "has_spoilers", "model_label", "p_positive", "known_share", "release", "label"),
    *("human_label", "settled_at", "settled_by", "disputed_at", "dispute_note"),
    *("is_hidden", "hidden_reason", "updated_at"),
)
COMPARED = ("text", "has_spoilers", "human_label", "is_hidden", "hidden_reason")

Reading = Callable[[MovieReview], None]  # gives a review its label


@dataclass
class Plan:
    """What one batch is to change."""

    new: list[tuple[MovieReview, ReviewRow]] = field(default_factory=list)
    changed: list[tuple[MovieReview, dict[str, Any], ReviewRow]] = field(default_factory=list)
    # What a person settles, or no longer does, and the label that counted before.
    corrected: list[tuple[MovieReview, str]] = field(default_factory=list)


class ReviewImport:
    """One run of an import: in memory are the catalogue's keys and one batch."""

    def __init__(
        self,
        *,
        overwrite: bool = False,
        dry_run: bool = False,
        on_change: Callable[[str], object] = lambda line: None,
    ) -> None:
        self.overwrite, self.dry_run, self.on_change = overwrite, dry_run, on_change
        self.summary = Summary()
        self.index = CatalogueIndex()

    def run(
        self,
        rows: Iterable[Any],
        read: Callable[[Any], ReviewRow],
        *,
        batch_size: int = BATCH_SIZE,
        on_batch: Callable[[], object] = lambda: None,
    ) -> Summary:
        rest = iter(rows)
        while batch := list(islice(rest, batch_size)):
            matches = [match for row in batch if (match := self._match(row, read))]
            try:
                self._merge(matches)
            except IntegrityError as error:
                raise ImportFileError(
                    "The reviews were changed by someone else meanwhile; run the import again."
                ) from error
            on_batch()
        return self.summary

    def _match(self, row: Any, read: Callable[[Any], ReviewRow]) -> Match | None:
        try:
            review = read(row)
            film = self._film(review)
        except (BadRow, NotOneFilm) as reason:
            self.summary.skipped[str(reason)] += 1
            return None
        if film is None or film.pk is None:
            self.summary.skipped["film not in the catalogue"] += 1
            return None
        return Match(review, film.pk)

    def _film(self, row: ReviewRow) -> Film | None:
        film = self.index.find(row.film)
        if film or row.is_year_exact:
            return film
        # Of a festival's film one list has the year of the festival, another that of the cinema.
        title, year = row.film.title, row.film.year
        return self.index.only_film_of(title_key(title, year - 1), title_key(title, year + 1))

    def _merge(self, matches: Sequence[Match]) -> None:
        found = Matches(matches)
        readings = {} if self.dry_run else self._read(found)
        with transaction.atomic():
            movies = {} if self.dry_run else _lock_movies(matches)
            # Once more: somebody may have written meanwhile, and now nobody can.
            plan = self._plan(found if self.dry_run else Matches(matches), movies)
            if not self.dry_run:
                _write(plan, movies, readings)
        _tell_of(plan.corrected)

    def _read(self, found: "Matches") -> dict[str, Any]:
        """What the model says of the texts that are new, outside of any lock."""
        texts = [
            match.row.text for match in found if self._needs_reading(found.stored(match), match)
        ]
        texts = list(dict.fromkeys(texts))
        started = time.perf_counter()
        try:
            served = get_served()
            predictions = served.scorer.predict_many(texts)
        except ModelUnavailable:
            return {}  # stored unread, for score_pending
        model_events.batch_read(
            predictions,
            path="import_reviews",
            version=served.scorer.version,
            latency_ms=(time.perf_counter() - started) * 1000,
        )
        return {
            text: (prediction, served.release)
            for text, prediction in zip(texts, predictions, strict=True)
        }

    def _needs_reading(self, stored: MovieReview | None, match: Match) -> bool:
        return stored is None or (self.overwrite and stored.text != match.row.text)

    def _plan(self, found: "Matches", movies: dict[int, Movie]) -> Plan:
        plan = Plan()
        for match in found:
            if not self.dry_run and match.movie_id not in movies:
                self.summary.skipped["film deleted meanwhile"] += 1
            elif found.is_double(match):
                self.summary.skipped["same review twice in the file"] += 1
            elif stored := found.stored(match):
                self._plan_change(plan, stored, match.row)
            else:
                plan.new.append((found.new_review(match), match.row))
                self.summary.created += 1
                self.on_change(f"+ {_named(match.row)}: {shown(match.row.text)}")
        return plan

    def _plan_change(self, plan: Plan, stored: MovieReview, row: ReviewRow) -> None:
        differs = {
            name: value
            for name in COMPARED
            if (value := getattr(row, name)) != getattr(stored, name) and value != ""
        }
        # Without --overwrite, only what is empty is filled: a label, where nobody gave one.
        wanted = differs if self.overwrite else self._filling(stored, differs)
        for name, value in wanted.items():
            old = shown(getattr(stored, name))
            self.on_change(f"~ {_named(row)}: {name}: {old} -> {shown(value)}")
        if wanted:
            plan.changed.append((stored, wanted, row))
            self.summary.updated += 1
        else:
            reason = "differs, and is kept (--overwrite replaces it)" if differs else "unchanged"
            self.summary.skipped[reason] += 1

    def _filling(self, stored: MovieReview, differs: dict[str, Any]) -> dict[str, Any]:
        if "human_label" in differs and not stored.human_label and "text" not in differs:
            return {"human_label": differs["human_label"]}
        return {}


def _named(row: ReviewRow) -> str:
    film = row.film.imdb_id or row.film.wikipedia_page or f"{row.film.title} ({row.film.year})"
    return f"{film}, {row.author or row.guest_name or 'a guest'}"


def _lock_movies(matches: Sequence[Match]) -> dict[int, Movie]:
    """The batch's movies, in the order of their keys, locked as ``freshness.lock_movie`` does."""
    ids = {match.movie_id for match in matches}
    locked = Movie.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")
    return {movie.pk: movie for movie in locked}


def _write(plan: Plan, movies: dict[int, Movie], readings: dict[str, Any]) -> None:
    for stored, wanted, row in plan.changed:
        movie = movies[stored.movie_id]
        freshness.count_out(movie, stored)
        settled, label = stored.human_label, str(stored.label)
        _change(stored, wanted, row, readings)
        freshness.count_in(movie, stored)
        if stored.human_label != settled:
            stored.movie = movie
            plan.corrected.append((stored, label))
    update_rows([stored for stored, _wanted, _row in plan.changed], UPDATED)
    _create(plan.new, readings)
    for review, _row in plan.new:
        freshness.count_in(movies[review.movie_id], review)
    written = [*(review for review, *_ in plan.new), *(review for review, *_ in plan.changed)]
    touched = {review.movie_id for review in written}
    _save_movies([movie for pk, movie in movies.items() if pk in touched])


def _tell_of(corrected: Sequence[tuple[MovieReview, str]]) -> None:
    prefetch_related_objects([review for review, _label in corrected], "release")
    for review, label in corrected:
        events.corrected(review, label, None)


def _change(
    stored: MovieReview, wanted: dict[str, Any], row: ReviewRow, readings: dict[str, Any]
) -> None:
    if "text" in wanted:
        stored.text = wanted["text"]
        stored.settle("")  # it was given to other words
        _apply(stored, readings)
    for name in ("has_spoilers", "is_hidden", "hidden_reason"):
        setattr(stored, name, wanted.get(name, getattr(stored, name)))
    if "human_label" in wanted:
        _settle(stored, row)
    stored.updated_at = timezone.now()


def _create(new: Sequence[tuple[MovieReview, ReviewRow]], readings: dict[str, Any]) -> None:
    for review, row in new:
        _apply(review, readings)
        if row.human_label:
            _settle(review, row)
    MovieReview.objects.bulk_create([review for review, _row in new])
    dated = [(review, row.created_at) for review, row in new if row.created_at]
    for review, created_at in dated:
        review.created_at = created_at
    # Separate, because the creation itself always takes the present time.
    update_rows([review for review, _created_at in dated], ["created_at"])
    ReviewOrigin.objects.bulk_create(
        ReviewOrigin(review=review, key=row.key) for review, row in new
    )


def _settle(review: MovieReview, row: ReviewRow) -> None:
    review.settle(row.human_label)
    review.settled_at = row.settled_at or review.settled_at


def _apply(review: MovieReview, readings: dict[str, Any]) -> None:
    if review.text in readings:
        review.apply(*readings[review.text])
    else:
        review.mark_unread()


def _save_movies(movies: Sequence[Movie]) -> None:
    for movie in movies:
        freshness.refresh(movie)
    update_rows(movies, freshness.FRESHNESS_FIELDS)
    freshness_history.save(movies)
