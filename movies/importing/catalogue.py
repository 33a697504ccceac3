"""The catalogue's films by what they are known by, so that an import asks once."""

from collections import defaultdict
from dataclasses import dataclass, replace

from movies.importing.rows import FilmRow, title_key
from movies.models import Movie
from movies.naming import unique_slug


class NotOneFilm(Exception):
    """The ids or the title of a row belong to more than one film; the text is the reason."""


@dataclass(slots=True, eq=False)
class Film:
    pk: int | None  # None for one that this import creates
    imdb_id: str | None
    wikipedia_page: str | None
    title_key: tuple[str, int]
    is_in_file: bool = False

    def can_be(self, row: FilmRow) -> bool:
        """Two ids of one kind that differ are two films, whatever their titles."""
        return (not row.imdb_id or self.imdb_id in (None, row.imdb_id)) and (
            not row.wikipedia_page or self.wikipedia_page in (None, row.wikipedia_page)
        )


class CatalogueIndex:
    def __init__(self) -> None:
        self._by_imdb_id: dict[str, Film] = {}
        self._by_page: dict[str, Film] = {}
        self._by_title: defaultdict[tuple[str, int], list[Film]] = defaultdict(list)
        self._slugs: set[str] = set()
        columns = ("pk", "imdb_id", "wikipedia_page", "title", "year", "slug")
        rows = Movie.objects.order_by("pk").values_list(*columns)
        for pk, imdb_id, page, title, year, slug in rows.iterator():
            self._keep(Film(pk, imdb_id, page, title_key(title, year)))
            self._slugs.add(slug)

    def without_borrowed_page(self, row: FilmRow) -> FilmRow:
        """The row without its page where that is of a film of another title and another year.

        Lists of films link «No Time to Die» of 2021 to the page of a film of 1958.
        """
        owner = self._by_page.get(row.wikipedia_page or "")
        if owner and all(a != b for a, b in zip(owner.title_key, row.title_key, strict=True)):
            return replace(row, wikipedia_page=None)
        return row

    def find(self, row: FilmRow) -> Film | None:
        """By IMDb id, else by Wikipedia page, else by title and year."""
        by_imdb_id = self._by_imdb_id.get(row.imdb_id or "")
        by_page = self._by_page.get(row.wikipedia_page or "")
        if by_imdb_id and by_page and by_imdb_id is not by_page:
            raise NotOneFilm("its ids belong to two films")
        return by_imdb_id or by_page or self._find_by_title(row)

    def _find_by_title(self, row: FilmRow) -> Film | None:
        films = [film for film in self._by_title.get(row.title_key, ()) if film.can_be(row)]
        if len(films) > 1:
            raise NotOneFilm("more than one film of this title and year")
        return films[0] if films else None

    def only_film_of(self, *keys: tuple[str, int]) -> Film | None:
        """The film of one of these titles and years, where there is just one."""
        films = [film for key in keys for film in self._by_title.get(key, ())]
        return films[0] if len(films) == 1 else None

    def add(self, row: FilmRow) -> str:
        """Remember a new film; its slug."""
        film = Film(None, row.imdb_id, row.wikipedia_page, row.title_key, is_in_file=True)
        self._keep(film)
        slug = unique_slug(row.title, row.year, taken=self._slugs.__contains__)
        self._slugs.add(slug)
        return slug

    def claim(self, film: Film, row: FilmRow) -> None:
        """This film is the row's; a later row with the same ids or title is this film again."""
        film.is_in_file = True
        film.imdb_id = film.imdb_id or row.imdb_id
        film.wikipedia_page = film.wikipedia_page or row.wikipedia_page
        film.title_key = row.title_key
        self._keep(film)

    def _keep(self, film: Film) -> None:
        if film.imdb_id:
            self._by_imdb_id[film.imdb_id] = film
        if film.wikipedia_page:
            self._by_page[film.wikipedia_page] = film
        if film not in self._by_title[film.title_key]:
            self._by_title[film.title_key].append(film)
