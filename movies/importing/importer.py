"""Films into the catalogue: each is found again, and only what is empty is filled."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.text import Truncator

from movies.importing.catalogue import CatalogueIndex, Film, NotOneFilm
from movies.importing.files import FilmFile, ImportFileError
from movies.importing.genres import GenreIndex
from movies.importing.rows import BadRow, FilmRow, read_row
from movies.models import Movie
from movies.search.vocabulary import add_words

BATCH_SIZE = 900  # SQLite takes 999 parameters a query
FILLED_FIELDS = (
    "directors",
    "cast",
    "runtime_min",
    "synopsis",
    "poster_url",
    "imdb_id",
    "wikipedia_page",
)
MAX_SHOWN_CHARS = 60
REPLACED_FIELDS = ("title", "year", *FILLED_FIELDS)
SEED_FILE = Path(settings.BASE_DIR) / "data" / "seed_movies.json"


@dataclass
class Summary:
    """What an import did."""

    created: int = 0
    updated: int = 0
    skipped: Counter[str] = field(default_factory=Counter)

    @property
    def n_skipped(self) -> int:
        return self.skipped.total()

    def lines(self) -> Iterator[str]:
        yield f"{self.created} created, {self.updated} updated, {self.n_skipped} skipped"
        for reason, count in self.skipped.most_common():
            yield f"  skipped: {reason}: {count}"


@dataclass
class Plan:
    """What one batch is to change."""

    new: list[tuple[Movie, FilmRow]] = field(default_factory=list)
    changed: list[Movie] = field(default_factory=list)
    new_genres: list[tuple[Movie, FilmRow]] = field(default_factory=list)


class CatalogueImport:
    """One run of an import. The catalogue's keys are read once, so no film costs a query."""

    def __init__(
        self,
        *,
        overwrite: bool = False,
        dry_run: bool = False,
        on_change: Callable[[str], object] = lambda line: None,
    ) -> None:
        self.fields = REPLACED_FIELDS if overwrite else FILLED_FIELDS
        self.overwrite, self.dry_run = overwrite, dry_run
        self.on_change = on_change  # is told each difference, as a line
        self.summary = Summary()
        self.index = CatalogueIndex()
        self.genres = GenreIndex()

    def run(
        self,
        films: Iterable[Any],
        *,
        batch_size: int = BATCH_SIZE,
        on_batch: Callable[[], object] = lambda: None,
    ) -> Summary:
        rest = iter(films)
        while batch := list(islice(rest, batch_size)):
            rows = [row for film in batch if (row := self._row(film))]
            try:
                with transaction.atomic():
                    self._merge(rows)
            except IntegrityError as error:
                raise ImportFileError(
                    "The catalogue was changed by someone else meanwhile; run the import again."
                ) from error
            on_batch()
        return self.summary

    def _row(self, film: Any) -> FilmRow | None:
        try:
            return read_row(film)
        except BadRow as reason:
            self.summary.skipped[str(reason)] += 1
            return None

    def _merge(self, rows: list[FilmRow]) -> None:
        plan, known = Plan(), []
        for row in map(self.index.without_borrowed_page, rows):
            try:
                film = self.index.find(row)
            except NotOneFilm as reason:
                self.summary.skipped[str(reason)] += 1
                continue
            if film is None:
                plan.new.append((self._new_movie(row), row))
            elif film.is_in_file:
                self.summary.skipped["same film twice in the file"] += 1
            else:
                self.index.claim(film, row)
                known.append((film, row))
        self._plan_changes(known, plan)
        if not self.dry_run:
            self._write(plan)

    def _new_movie(self, row: FilmRow) -> Movie:
        movie = Movie(**{name: getattr(row, name) for name in REPLACED_FIELDS})
        movie.slug = self.index.add(row)
        movie.prepare()
        self.summary.created += 1
        self.on_change(f"+ {movie}")
        return movie

    def _plan_changes(self, known: list[tuple[Film, FilmRow]], plan: Plan) -> None:
        # Locked, so that what a curator or a review saves meanwhile is not lost.
        movies = Movie.objects.select_for_update().prefetch_related("genres")
        stored = movies.in_bulk([film.pk for film, _ in known if film.pk])
        for film, row in known:
            movie = stored.get(film.pk)
            if movie is None:
                self.summary.skipped["deleted meanwhile"] += 1
                continue
            has_changed = self._change(movie, row)
            has_new_genres = self._wants_genres(movie, row)
            if has_changed:
                plan.changed.append(movie)
            if has_new_genres:
                plan.new_genres.append((movie, row))
            if has_changed or has_new_genres:
                self.summary.updated += 1
            else:
                self.summary.skipped["unchanged"] += 1

    def _change(self, movie: Movie, row: FilmRow) -> bool:
        has_changed = False
        for name in self.fields:
            old, new = getattr(movie, name), getattr(row, name)
            if new and new != old and (self.overwrite or not old):
                self.on_change(f"~ {movie}: {name}: {shown(old)} -> {shown(new)}")
                setattr(movie, name, new)
                has_changed = True
        return has_changed

    def _wants_genres(self, movie: Movie, row: FilmRow) -> bool:
        old = {genre.pk for genre in movie.genres.all()}
        if old and not self.overwrite:
            return False
        new = self.genres.pks(row.genres)
        if not new or new == old:
            return False
        names = [genre.name for genre in movie.genres.all()]
        self.on_change(f"~ {movie}: genres: {shown(names)} -> {shown(row.genres)}")
        return True

    def _write(self, plan: Plan) -> None:
        Movie.objects.bulk_create([movie for movie, _ in plan.new])
        now = timezone.now()
        for movie in plan.changed:
            movie.prepare()
            movie.updated_at = now
        # Only what an import may touch: the freshness belongs to the reviews.
        fields = [*self.fields, "search_key", "updated_at"]
        Movie.objects.bulk_update(plan.changed, fields)
        add_words([*(movie for movie, _ in plan.new), *plan.changed])
        self.genres.assign(plan.new + plan.new_genres, replacing=plan.new_genres)


def shown(value: Any) -> str:
    """A value in a line of differences."""
    text = ", ".join(value) if isinstance(value, list) else str(value or "")
    return Truncator(" ".join(text.split())).chars(MAX_SHOWN_CHARS) or "(nothing)"


def seed_movies() -> Summary:
    """The films every new site starts with; run again, it changes nothing."""
    return CatalogueImport().run(FilmFile(SEED_FILE).films())
