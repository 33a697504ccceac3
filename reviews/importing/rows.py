"""One review of an import: cleaned, checked, and nothing of the database."""

import hashlib
import html
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.html import strip_tags

from movies.importing.rows import BadRow, FilmRow
from movies.importing.rows import read_row as read_film
from reviews.forms import check_guest_name, check_review_text
from reviews.models import MAX_NOTE_CHARS, Label

MAX_KEY_CHARS = 200
NOON = 12  # of a day without a time: it is that day everywhere in Europe, Africa and America
YES, NO = {"1", "true", "yes"}, {"", "0", "false", "no"}
_LINE_END = re.compile(r"<br\s*/?>|</p>|</blockquote>", re.IGNORECASE)
_FILM_COLUMNS = ("title", "year", "imdb_id", "wikipedia_page")


@dataclass(frozen=True, slots=True)
class ReviewRow:
    key: str  # by which the next import finds it again
    film: FilmRow
    author: str
    guest_name: str
    text: str
    has_spoilers: bool = False
    human_label: str = ""
    settled_at: datetime | None = None
    is_hidden: bool = False
    hidden_reason: str = ""
    created_at: datetime | None = None
    is_year_exact: bool = True


def read_row(row: Any) -> ReviewRow:
    """The review of one of our own files; ``BadRow`` when something in it is wrong."""
    if not isinstance(row, dict):
        raise BadRow("not a whole review")
    text = _text(row.get("text") or row.get("review") or "")
    film, author = _film(row), (row.get("author") or "").strip()
    human_label = (row.get("human_label") or "").strip()
    if human_label not in ("", Label.POSITIVE, Label.NEGATIVE):
        raise BadRow("human_label is neither positive nor negative")
    guest_name = _guest_name(row.get("guest_name") or author)
    return ReviewRow(
        key=_key(row.get("key") or "") or _digest(film, author or guest_name, text),
        film=film,
        author=author,
        guest_name=guest_name,
        text=text,
        has_spoilers=_yes(row.get("has_spoilers")),
        human_label=human_label,
        settled_at=_moment(row.get("settled_at")),
        is_hidden=_yes(row.get("is_hidden")),
        hidden_reason=(row.get("hidden_reason") or "").strip()[:MAX_NOTE_CHARS],
        created_at=_moment(row.get("created_at")),
    )


def read_letterboxd(row: Any, *, author: str = "", guest_name: str = "") -> ReviewRow:
    """The review of Letterboxd's ``reviews.csv``. Its stars are not taken: the model reads."""
    if not isinstance(row, dict):
        raise BadRow("not a whole review")
    plain = html.unescape(strip_tags(_LINE_END.sub("\n", row["Review"] or "")))
    return ReviewRow(
        # A film seen twice has two reviews; in old exports they have one address.
        key=_key(f"{row['Letterboxd URI'].strip()} {row['Date'].strip()}"),
        film=_film({"title": row["Name"], "year": row["Year"]}),
        author=author,
        guest_name=_guest_name(guest_name),
        text=_text(plain),
        created_at=_moment(row["Date"]),
        is_year_exact=False,
    )


def _film(row: dict[str, Any]) -> FilmRow:
    """What the film is known by; a title is not needed where there is an id."""
    known = {name: row.get(name) or "" for name in _FILM_COLUMNS}
    has_id = known["imdb_id"].strip() or known["wikipedia_page"].strip()
    if has_id and not (known["title"] and known["year"]):
        known |= {"title": "?", "year": "2000"}
    return read_film(known)


def _text(text: str) -> str:
    try:
        return check_review_text(text)
    except ValidationError as error:
        reasons = {"too_short": "text too short", "too_long": "text too long"}
        raise BadRow(reasons.get(str(error.code), "text cannot be stored")) from error


def _guest_name(name: str) -> str:
    try:
        return check_guest_name(name)
    except ValidationError as error:
        raise BadRow("bad name") from error


def _key(key: str) -> str:
    key = key.strip()
    if len(key) > MAX_KEY_CHARS or not key.isprintable():
        raise BadRow("bad key")
    return key


def _digest(film: FilmRow, name: str, text: str) -> str:
    facts = (film.imdb_id, film.wikipedia_page, film.title_key, name, text)
    return f"sha256-{hashlib.sha256(repr(facts).encode()).hexdigest()[:40]}"


def _yes(value: str | None) -> bool:
    word = (value or "").strip().lower()
    if word not in YES | NO:
        raise BadRow(f"neither yes nor no: {word[:20]!r}")
    return word in YES


def _moment(value: str | None) -> datetime | None:
    text = (value or "").strip()
    if not text:
        return None
    try:
        day = parse_date(text)
        moment = datetime(day.year, day.month, day.day, NOON) if day else parse_datetime(text)
        if moment is None:
            raise BadRow("bad date")
        moment = moment if timezone.is_aware(moment) else moment.replace(tzinfo=UTC)
        return min(moment.astimezone(UTC), timezone.now())
    except (ValueError, OverflowError) as error:
        raise BadRow("bad date") from error
