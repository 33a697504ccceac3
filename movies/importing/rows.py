"""One film of an import: cleaned, checked, and nothing of the database."""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.text import slugify

from movies.models import Movie
from movies.naming import plain

# Wikipedia's words for what has another name here.
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
_UNSTORABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")  # lone surrogates too
MAX_SYNOPSIS_CHARS = 10_000
MAX_RUNTIME_MIN = 32_767  # what the column holds on PostgreSQL; SQLite does not say
MAX_NAMES = 200  # of a cast; the longest in Wikipedia's list has 59
MAX_GENRE_CHARS = 40  # the column's


class BadRow(Exception):
    """This film cannot be taken over; the text is the reason, one of a few."""


@dataclass(frozen=True, slots=True)
class FilmRow:
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
    """The same for «WALL·E» and «Wall-E», of the same year."""
    return slugify(plain(title)) or plain(title), year


def read_row(film: Any) -> FilmRow:
    """The film in its clean form; ``BadRow`` when something in it is wrong."""
    if not isinstance(film, dict):
        raise BadRow("not a whole film")
    row = FilmRow(
        title=_text(film, "title"),
        year=_number(film, "year", "year out of range") or 0,
        directors=_names(film, "directors"),
        cast=_names(film, "cast"),
        genres=[_genre(name) for name in _names(film, "genres")],
        runtime_min=_number(film, "runtime_min", "bad runtime") or None,
        synopsis=_text(film, "synopsis"),
        poster_url=_text(film, "poster_url"),
        imdb_id=_text(film, "imdb_id") or None,
        wikipedia_page=unquote(_text(film, "wikipedia_page")) or None,
    )
    _check(row)
    return row


def _check(row: FilmRow) -> None:
    """What the model says of its fields holds for an import too."""
    if not row.title:
        raise BadRow("missing title")
    too_many = max(len(row.cast), len(row.directors), len(row.genres)) > MAX_NAMES
    long_genre = any(len(name) > MAX_GENRE_CHARS for name in row.genres)
    if too_many or long_genre or len(row.synopsis) > MAX_SYNOPSIS_CHARS:
        raise BadRow("text too long")
    if (row.runtime_min or 0) > MAX_RUNTIME_MIN:
        raise BadRow("bad runtime")
    for name, reason in CHECKED_FIELDS.items():
        try:
            column: models.Field = Movie._meta.get_field(name)  # type: ignore[assignment]
            column.run_validators(getattr(row, name))
        except ValidationError as error:
            is_long = any(one.code == "max_length" for one in error.error_list)
            raise BadRow("text too long" if is_long else reason) from error


def _value(film: dict[str, Any], name: str) -> Any:
    value = film.get(name)
    return film.get(OTHER_NAMES.get(name, name)) if value is None else value


def _text(film: dict[str, Any], name: str) -> str:
    value = _value(film, name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadRow("missing title" if name == "title" else f"{name} is not text")
    return _clean(value)


def _names(film: dict[str, Any], name: str) -> list[str]:
    value = _value(film, name)
    if value is None:
        return []
    names = value.split("|") if isinstance(value, str) else value
    if not isinstance(names, list) or not all(isinstance(one, str) for one in names):
        raise BadRow(f"{name} is not a list of names")
    # A dict keeps the order and drops what is said twice.
    return [one for one in dict.fromkeys(map(_clean, names)) if one]


def _number(film: dict[str, Any], name: str, reason: str) -> int | None:
    value = _value(film, name)
    if isinstance(value, str):
        value = value.strip()
        if value and not (value.isascii() and value.isdigit() and len(value) < 10):
            raise BadRow(reason)
        value = int(value) if value else None
    if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
        raise BadRow(reason)
    return value


def _genre(name: str) -> str:
    return GENRE_NAMES.get(name.casefold(), name)


def _clean(text: str) -> str:
    """On one line, without what a database or a page cannot hold."""
    return " ".join(_UNSTORABLE.sub("", " ".join(text.split())).split())
