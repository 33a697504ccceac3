"""Asking what the database keeps so that a search need not read every film (search_build.py)."""

from django.db import connection
from django.db.models import Q
from django.db.models.expressions import RawSQL

MIN_TRIGRAM = 3  # letters; FTS5 finds nothing shorter
MAX_ALIKE = 40
# Immutable, where unaccent() is not: an index may be built on it.
PLOT = (
    "to_tsvector('english', regexp_replace(normalize(synopsis, NFKD), '[\u0300-\u036f]', '', 'g'))"
)
ALIKE = "text || ''"  # indexed instead of the column, which has an index for equality
HAS_INDEX = {
    "postgresql": "SELECT 1 FROM pg_extension WHERE extname = 'pg_trgm'",
    "sqlite": "SELECT 1 FROM sqlite_master WHERE type = 'trigger' AND name = 'movie_names_insert'",
}
_ready: set[object] = set()  # databases with an index; one without is asked again


def holds(word: str) -> Q:
    """Films whose search key has the word somewhere in it."""
    if len(word) >= MIN_TRIGRAM and connection.vendor == "sqlite" and is_ready():
        sql = "SELECT rowid FROM movie_names WHERE movie_names MATCH %s"
        return Q(pk__in=RawSQL(sql, [_quoted(word)]))  # noqa: S611
    return Q(search_key__contains=word)


def tells_of(words: str) -> Q:
    """Films whose synopsis has all these words, in any grammatical form."""
    if connection.vendor == "postgresql":
        sql = f"SELECT id FROM movies_movie WHERE {PLOT} @@ plainto_tsquery('english', %s)"  # noqa: S608
        return Q(pk__in=RawSQL(sql, [words]))  # noqa: S611
    if not is_ready():
        return Q(pk__in=[])
    sql = "SELECT rowid FROM movie_plots WHERE movie_plots MATCH %s"
    return Q(pk__in=RawSQL(sql, [" ".join(map(_quoted, words.split()))]))  # noqa: S611


def words_like(word: str) -> list[str]:
    """Words of the vocabulary that share many letters in the same order, the likest first."""
    if not is_ready():
        return []
    if connection.vendor == "postgresql":
        sql = (
            f"SELECT text FROM movies_searchword WHERE ({ALIKE}) %% %s "  # noqa: S608
            "ORDER BY similarity(text, %s) DESC, text LIMIT %s"
        )
        return _column(sql, [word, word, MAX_ALIKE])
    pieces = [word[at : at + MIN_TRIGRAM] for at in range(len(word) - MIN_TRIGRAM + 1)]
    sql = "SELECT text FROM search_words WHERE search_words MATCH %s ORDER BY rank LIMIT %s"
    return _column(sql, [" OR ".join(map(_quoted, pieces)), MAX_ALIKE])


def is_ready() -> bool:
    """Whether this database has pg_trgm or FTS5."""
    name = connection.settings_dict["NAME"]
    if name not in _ready and _column(HAS_INDEX[connection.vendor], []):
        _ready.add(name)
    return name in _ready


def forget() -> None:
    _ready.clear()


def _column(sql: str, params: list) -> list:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return [row[0] for row in cursor.fetchall()]


def _quoted(word: str) -> str:
    """As one phrase of FTS5, whatever signs it has."""
    return '"' + word.replace('"', '""') + '"'
