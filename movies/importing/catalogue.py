"""Find the catalogue's movies by their ids and titles, without a query per row."""

from collections import defaultdict
from dataclasses import dataclass, replace

from common.importing.job import BadRow
from movies.importing.rows import MovieRow, title_key
from movies.models import Movie
from movies.naming import unique_slug


@dataclass(slots=True, eq=False)
class CatalogueEntry:
    pk: int | None  # None for a movie that this import creates
    imdb_id: str | None
    wikipedia_page: str | None
    title_key: tuple[str, int]
    is_in_file: bool = False

    def can_be(self, row: MovieRow) -> bool:
        """Return False if an id differs: these are two movies, even with the same title."""
        return (not row.imdb_id or self.imdb_id in (None, row.imdb_id)) and (
            not row.wikipedia_page or self.wikipedia_page in (None, row.wikipedia_page)
        )


class CatalogueIndex:
    def __init__(self) -> None:
        self._by_imdb_id: dict[str, CatalogueEntry] = {}
        self._by_page: dict[str, CatalogueEntry] = {}
        self._by_title: defaultdict[tuple[str, int], list[CatalogueEntry]] = defaultdict(list)
        self._slugs: set[str] = set()
        columns = ("pk", "imdb_id", "wikipedia_page", "title", "year", "slug")
        rows = Movie.objects.order_by("pk").values_list(*columns)
        for pk, imdb_id, page, title, year, slug in rows.iterator():
            self._index(CatalogueEntry(pk, imdb_id, page, title_key(title, year)))
            self._slugs.add(slug)

    def without_wrong_page(self, row: MovieRow) -> MovieRow:
        """Return the row without its page if that belongs to a movie of another title and year.

        Lists of movies link «No Time to Die» of 2021 to the page of a movie of 1958.
        """
        owner = self._by_page.get(row.wikipedia_page or "")
        if owner and all(a != b for a, b in zip(owner.title_key, row.title_key, strict=True)):
            return replace(row, wikipedia_page=None)
        return row

    def find(self, row: MovieRow) -> CatalogueEntry | None:
        """Find a movie by its IMDb id, else by its Wikipedia page, else by title and year."""
        by_imdb_id = self._by_imdb_id.get(row.imdb_id or "")
        by_page = self._by_page.get(row.wikipedia_page or "")
        if by_imdb_id and by_page and by_imdb_id is not by_page:
            raise BadRow("its ids belong to two movies")
        return by_imdb_id or by_page or self._find_by_title(row)

    def _find_by_title(self, row: MovieRow) -> CatalogueEntry | None:
        entries = [entry for entry in self._by_title.get(row.title_key, ()) if entry.can_be(row)]
        if len(entries) > 1:
            raise BadRow("more than one movie of this title and year")
        return entries[0] if entries else None

    def only_movie_of(self, *keys: tuple[str, int]) -> CatalogueEntry | None:
        """Return the movie with one of these titles and years, if there is exactly one."""
        entries = [entry for key in keys for entry in self._by_title.get(key, ())]
        return entries[0] if len(entries) == 1 else None

    def add(self, row: MovieRow) -> str:
        """Index a new movie and return its slug."""
        self._index(
            CatalogueEntry(None, row.imdb_id, row.wikipedia_page, row.title_key, is_in_file=True)
        )
        slug = unique_slug(row.title, row.year, taken=self._slugs.__contains__)
        self._slugs.add(slug)
        return slug

    def claim(self, entry: CatalogueEntry, row: MovieRow) -> None:
        """Record that the row is this movie, so that later rows with its ids or title match it."""
        entry.is_in_file = True
        entry.imdb_id = entry.imdb_id or row.imdb_id
        entry.wikipedia_page = entry.wikipedia_page or row.wikipedia_page
        entry.title_key = row.title_key
        self._index(entry)

    def _index(self, entry: CatalogueEntry) -> None:
        if entry.imdb_id:
            self._by_imdb_id[entry.imdb_id] = entry
        if entry.wikipedia_page:
            self._by_page[entry.wikipedia_page] = entry
        if entry not in self._by_title[entry.title_key]:
            self._by_title[entry.title_key].append(entry)
