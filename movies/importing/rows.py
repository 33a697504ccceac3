"""Clean and check one row of an import of movies, without the database."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.text import slugify

from common.importing.job import BadRow
from common.text import single_line
from movies.models import Movie
from movies.naming import plain

# Wikipedia's names for our columns.
OTHER_NAMES = {"synopsis": "extract", "poster_url": "thumbnail", "wikipedia_page": "href"}
GENRE_NAMES = {"animated": "Animation", "historical": "History", "sports": "Sport"}
CHECKED_FIELDS = {
    "title": "missing title",
    "year": "year out of range",
    "runtime_min": "bad runtime",
    "poster_url": "bad poster address",
    "imdb_id": "bad imdb id",
    "wikipedia_page": "bad wikipedia page",
}
MAX_SYNOPSIS_CHARS = 10_000
MAX_RUNTIME_MIN = 32_767  # the limit of the column on PostgreSQL; SQLite has none
MAX_NAMES = 200  # the longest cast in Wikipedia's list has 59
MAX_GENRE_CHARS = 40  # the limit of the column


@dataclass(frozen=True, slots=True)
class MovieRow:
    title: str
    year: int
    directors: list[str]
    cast: list[str]
    genres: list[str]
    runtime_min: int | None
    synopsis: str
    poster_url: str
    imdb_id: str | None
    wikipedia_page: str | None

    @property
    def title_key(self) -> tuple[str, int]:
        return title_key(self.title, self.year)


def title_key(title: str, year: int) -> tuple[str, int]:
    """Return a key that is the same for «WALL·E» and «Wall-E» of the same year."""
    return slugify(plain(title)) or plain(title), year


def parse_row(row: Any) -> MovieRow:
    """Return the cleaned row, or raise ``BadRow``."""
    if not isinstance(row, dict):
        raise BadRow("not a complete movie")
    movie = MovieRow(
        title=_text(row, "title"),
        year=_number(row, "year", "year out of range") or 0,
        directors=_names(row, "directors"),
        cast=_names(row, "cast"),
        genres=[GENRE_NAMES.get(name.casefold(), name) for name in _names(row, "genres")],
        runtime_min=_number(row, "runtime_min", "bad runtime") or None,
        synopsis=_text(row, "synopsis"),
        poster_url=_text(row, "poster_url"),
        imdb_id=_text(row, "imdb_id") or None,
        wikipedia_page=unquote(_text(row, "wikipedia_page")) or None,
    )
    _check(movie)
    return movie


def _check(row: MovieRow) -> None:
    """Apply the validators of the model's fields."""
    if not row.title:
        raise BadRow("missing title")
    has_too_many = max(len(row.cast), len(row.directors), len(row.genres)) > MAX_NAMES
    has_long_genre = any(len(name) > MAX_GENRE_CHARS for name in row.genres)
    if has_too_many or has_long_genre or len(row.synopsis) > MAX_SYNOPSIS_CHARS:
        raise BadRow("text too long")
    if (row.runtime_min or 0) > MAX_RUNTIME_MIN:
        raise BadRow("bad runtime")
    for name, reason in CHECKED_FIELDS.items():
        try:
            column: models.Field = Movie._meta.get_field(name)  # type: ignore[assignment]
            column.run_validators(getattr(row, name))
        except ValidationError as error:
            is_long = any(each.code == "max_length" for each in error.error_list)
            raise BadRow("text too long" if is_long else reason) from error


def _value(row: dict[str, Any], name: str) -> Any:
    value = row.get(name)
    return row.get(OTHER_NAMES.get(name, name)) if value is None else value


def _text(row: dict[str, Any], name: str) -> str:
    value = _value(row, name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadRow("missing title" if name == "title" else f"{name} is not text")
    return single_line(value)


def _names(row: dict[str, Any], column: str) -> list[str]:
    value = _value(row, column)
    if value is None:
        return []
    names = value.split("|") if isinstance(value, str) else value
    if not isinstance(names, list) or not all(isinstance(each, str) for each in names):
        raise BadRow(f"{column} is not a list of names")
    # A dict keeps the order and drops duplicates.
    return [name for name in dict.fromkeys(map(single_line, names)) if name]


def _number(row: dict[str, Any], name: str, reason: str) -> int | None:
    value = _value(row, name)
    if isinstance(value, str):
        value = value.strip()
        if value and not (value.isascii() and value.isdigit() and len(value) < 10):
            raise BadRow(reason)
        value = int(value) if value else None
    if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
        raise BadRow(reason)
    return value
