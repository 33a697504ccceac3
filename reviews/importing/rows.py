"""Clean and check one row of an import of reviews, without the database."""

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
from django.utils.text import normalize_newlines

from common.importing.job import BadRow
from common.text import clean_text
from movies.importing.rows import MovieRow
from movies.importing.rows import parse_row as parse_movie
from reviews.forms import check_review_text
from reviews.guest_names import clean_guest_name
from reviews.models import MAX_NOTE_CHARS, Label, LabelSource

MAX_KEY_CHARS = 200
NOON = 12  # for a date without a time: the same day all over Europe, Africa and America
YES, NO = {"1", "true", "yes"}, {"", "0", "false", "no"}
_LINE_END = re.compile(r"<br\s*/?>|</p>|</blockquote>", re.IGNORECASE)
_MOVIE_COLUMNS = ("title", "year", "imdb_id", "wikipedia_page")


@dataclass(frozen=True, slots=True)
class ReviewRow:
    key: str  # identifies the review in later imports
    movie: MovieRow
    author: str
    guest_name: str
    text: str
    has_spoilers: bool = False
    human_label: str = ""
    label_source: str = ""
    author_label: str = ""
    settled_at: datetime | None = None
    is_hidden: bool = False
    hidden_reason: str = ""
    created_at: datetime | None = None
    is_year_exact: bool = True


def parse_row(row: Any) -> ReviewRow:
    """Return the review of a row in our own format, or raise ``BadRow``."""
    if not isinstance(row, dict):
        raise BadRow("not a complete review")
    original = row.get("text") or row.get("review") or ""
    # Data sets have markup in their column "review". In our own "text" it is what a person typed.
    text = _text(original if row.get("text") else _LINE_END.sub("\n", original))
    movie, author = _movie(row), _cleaned("author", row)
    human_label, label_source, author_label = _human_labels(row)
    guest_name = _guest_name(row.get("guest_name") or author)
    return ReviewRow(
        key=_key(row.get("key") or "") or _digest(movie, author or guest_name, original),
        movie=movie,
        author=author,
        guest_name=guest_name,
        text=text,
        has_spoilers=_yes(row.get("has_spoilers")),
        human_label=human_label,
        label_source=label_source,
        author_label=author_label,
        settled_at=_moment(row.get("settled_at")),
        is_hidden=_yes(row.get("is_hidden")),
        hidden_reason=_cleaned("hidden_reason", row)[:MAX_NOTE_CHARS],
        created_at=_moment(row.get("created_at")),
    )


def parse_letterboxd(row: Any, *, author: str = "", guest_name: str = "") -> ReviewRow:
    """Return the review of a row of Letterboxd's ``reviews.csv``, without its stars."""
    if not isinstance(row, dict):
        raise BadRow("not a complete review")
    plain = html.unescape(strip_tags(_LINE_END.sub("\n", row["Review"] or "")))
    return ReviewRow(
        # A movie seen twice has two reviews, which share one address in old exports.
        key=_key(f"{row['Letterboxd URI'].strip()} {row['Date'].strip()}"),
        movie=_movie({"title": row["Name"], "year": row["Year"]}),
        author=author,
        guest_name=_guest_name(guest_name),
        text=_text(plain),
        created_at=_moment(row["Date"]),
        is_year_exact=False,
    )


def _movie(row: dict[str, Any]) -> MovieRow:
    """Return what identifies the movie; with an id, a title is not needed."""
    values = {name: row.get(name) or "" for name in _MOVIE_COLUMNS}
    has_id = values["imdb_id"].strip() or values["wikipedia_page"].strip()
    if has_id and not (values["title"] and values["year"]):
        values |= {"title": "?", "year": "2000"}
    return parse_movie(values)


def _text(text: str) -> str:
    try:
        return check_review_text(text)
    except ValidationError as error:
        raise BadRow(_reason("text", error)) from error


def _guest_name(name: str) -> str:
    try:
        return clean_guest_name(name)
    except ValidationError as error:
        raise BadRow(_reason("name", error)) from error


def _cleaned(column: str, row: dict[str, Any]) -> str:
    try:
        return clean_text(row.get(column) or "").strip()
    except ValidationError as error:
        raise BadRow(_reason(column, error)) from error


def _reason(noun: str, error: ValidationError) -> str:
    if error.code == "control_characters" and error.params:
        return f"{noun} has the control character {error.params['character']}; remove it"
    return f"{noun} {str(error.code).replace('_', ' ')}"


def _key(key: str) -> str:
    key = key.strip()
    if len(key) > MAX_KEY_CHARS or not key.isprintable():
        raise BadRow("bad key")
    return key


def _digest(movie: MovieRow, name: str, original: str) -> str:
    # Not of the stored text: a new kind of repair must not make a known review a new one.
    text = normalize_newlines(original).strip()
    identity = (movie.imdb_id, movie.wikipedia_page, movie.title_key, name, text)
    return f"sha256-{hashlib.sha256(repr(identity).encode()).hexdigest()[:40]}"


def _human_labels(row: dict[str, Any]) -> tuple[str, str, str]:
    """Return the label set by a person, whose it is, and the author's."""
    human_label, author_label = _label("human_label", row), _label("author_label", row)
    source = (row.get("label_source") or "").strip()
    if source not in ("", LabelSource.AUTHOR, LabelSource.CURATOR):
        raise BadRow("label_source is neither author nor curator")
    if source == LabelSource.AUTHOR:
        author_label = author_label or human_label
        if human_label not in ("", author_label):
            raise BadRow("label_source is author, but author_label is another label")
    elif human_label:
        source = LabelSource.CURATOR
    elif author_label:
        source = LabelSource.AUTHOR
    label = human_label or author_label
    return label, source if label else "", author_label


def _label(column: str, row: dict[str, Any]) -> str:
    label = (row.get(column) or "").strip()
    if label not in ("", Label.POSITIVE, Label.NEGATIVE):
        raise BadRow(f"{column} is neither positive nor negative")
    return label


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
