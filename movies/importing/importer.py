"""Import movies into the catalogue: known movies are recognised, and only filled in."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from common.importing.job import BadRow, ImportJob, Summary, shorten
from movies.importing.catalogue import CatalogueEntry, CatalogueIndex
from movies.importing.files import MovieFile
from movies.importing.genres import GenreIndex
from movies.importing.rows import MovieRow, parse_row
from movies.models import CATALOGUED, OPTIONAL, Movie
from movies.search.vocabulary import add_words

SEED_FILE = Path(settings.BASE_DIR) / "data" / "seed_movies.json"


@dataclass
class Plan:
    """The changes of one batch."""

    new: list[tuple[Movie, MovieRow]] = field(default_factory=list)
    changed: list[Movie] = field(default_factory=list)
    new_genres: list[tuple[Movie, MovieRow]] = field(default_factory=list)


class MovieImport(ImportJob[MovieRow]):
    """An import of movies. It reads the catalogue's ids and titles once, not for each row."""

    batch_size = 900  # SQLite accepts 999 parameters per query
    max_batch_size = 10_000  # and 32,766 in the one query that is not split

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.fields = CATALOGUED if self.overwrite else OPTIONAL
        self.index = CatalogueIndex()
        self.genres = GenreIndex()

    def parse(self, row: Any) -> MovieRow:
        return parse_row(row)

    @transaction.atomic
    def merge(self, rows: Sequence[MovieRow]) -> None:
        plan, known = Plan(), []
        for row in map(self.index.without_wrong_page, rows):
            try:
                entry = self.index.find(row)
            except BadRow as reason:
                self.summary.skipped[str(reason)] += 1
                continue
            if entry is None:
                plan.new.append((self._new_movie(row), row))
            elif entry.is_in_file:
                self.summary.skipped["same movie twice in the file"] += 1
            else:
                self.index.claim(entry, row)
                known.append((entry, row))
        self._plan_changes(known, plan)
        if not self.dry_run:
            self._write(plan)

    def _new_movie(self, row: MovieRow) -> Movie:
        movie = Movie(**{name: getattr(row, name) for name in CATALOGUED})
        movie.slug = self.index.add(row)
        movie.prepare()
        self.summary.created += 1
        self.on_change(f"+ {movie}")
        return movie

    def _plan_changes(self, known: list[tuple[CatalogueEntry, MovieRow]], plan: Plan) -> None:
        # Locked, so that concurrent changes by a curator or a review are not lost.
        movies = Movie.objects.select_for_update().prefetch_related("genres")
        stored = movies.in_bulk([entry.pk for entry, _ in known if entry.pk])
        for entry, row in known:
            movie = stored.get(entry.pk)
            if movie is None:
                self.summary.skipped["deleted during the import"] += 1
                continue
            has_changed = self._change(movie, row)
            has_new_genres = self._has_new_genres(movie, row)
            if has_changed:
                plan.changed.append(movie)
            if has_new_genres:
                plan.new_genres.append((movie, row))
            if has_changed or has_new_genres:
                self.summary.updated += 1
            else:
                self.summary.skipped["unchanged"] += 1

    def _change(self, movie: Movie, row: MovieRow) -> bool:
        has_changed = False
        for name in self.fields:
            old, new = getattr(movie, name), getattr(row, name)
            if new and new != old and (self.overwrite or not old):
                self.on_change(f"~ {movie}: {name}: {shorten(old)} -> {shorten(new)}")
                setattr(movie, name, new)
                has_changed = True
        return has_changed

    def _has_new_genres(self, movie: Movie, row: MovieRow) -> bool:
        old = {genre.pk for genre in movie.genres.all()}
        if old and not self.overwrite:
            return False
        new = self.genres.pks(row.genres)
        if not new or new == old:
            return False
        names = [genre.name for genre in movie.genres.all()]
        self.on_change(f"~ {movie}: genres: {shorten(names)} -> {shorten(row.genres)}")
        return True

    def _write(self, plan: Plan) -> None:
        Movie.objects.bulk_create([movie for movie, _ in plan.new])
        now = timezone.now()
        for movie in plan.changed:
            movie.prepare()
            movie.updated_at = now
        # No other fields: those of the freshness belong to the reviews.
        Movie.objects.bulk_update(plan.changed, [*self.fields, "search_key", "updated_at"])
        add_words([*(movie for movie, _ in plan.new), *plan.changed])
        self.genres.assign(plan.new + plan.new_genres, replacing=plan.new_genres)


def seed_movies() -> Summary:
    """Import the movies of a new site; running it again changes nothing."""
    return MovieImport().run(MovieFile(SEED_FILE).rows())
