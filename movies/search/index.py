"""Query the indexes that keep a search from reading every movie (see ``build.py``)."""

from django.db import connection
from django.db.models import Q
from django.db.models.expressions import RawSQL

MIN_TRIGRAM = 3  # letters; FTS5 finds nothing shorter
MAX_SIMILAR = 40
# Unlike unaccent(), this is immutable: it can be indexed.
PLOT = (
    "to_tsvector('english', regexp_replace(normalize(synopsis, NFKD), '[\u0300-\u036f]', '', 'g'))"
)
WORD = "text || ''"  # indexed instead of the column, which has an index for equality
HAS_INDEX = {
    "postgresql": "SELECT 1 FROM pg_extension WHERE extname = 'pg_trgm'",
    "sqlite": "SELECT 1 FROM sqlite_master WHERE type = 'trigger' AND name = 'movie_names_insert'",
}
_ready: set[object] = set()  # names of databases with an index; the others are checked again


def names_contain(word: str) -> Q:
    """Match movies whose search key contains the word."""
    if len(word) >= MIN_TRIGRAM and connection.vendor == "sqlite" and is_ready():
        sql = "SELECT rowid FROM movie_names WHERE movie_names MATCH %s"
        return Q(pk__in=RawSQL(sql, [_quoted(word)]))  # noqa: S611
    return Q(search_key__contains=word)


def plot_contains(words: str) -> Q:
    """Match movies whose synopsis contains all the words, in any grammatical form."""
    if connection.vendor == "postgresql":
        sql = f"SELECT id FROM movies_movie WHERE {PLOT} @@ plainto_tsquery('english', %s)"  # noqa: S608
        return Q(pk__in=RawSQL(sql, [words]))  # noqa: S611
    if not is_ready():
        return Q(pk__in=[])
    sql = "SELECT rowid FROM movie_plots WHERE movie_plots MATCH %s"
    return Q(pk__in=RawSQL(sql, [" ".join(map(_quoted, words.split()))]))  # noqa: S611


def similar_words(word: str) -> list[str]:
    """Return the words of the vocabulary that share most trigrams with the word, best first."""
    if not is_ready():
        return []
    if connection.vendor == "postgresql":
        sql = (
            f"SELECT text FROM movies_searchword WHERE ({WORD}) %% %s "  # noqa: S608
            "ORDER BY similarity(text, %s) DESC, text LIMIT %s"
        )
        return _column(sql, [word, word, MAX_SIMILAR])
    pieces = [word[at : at + MIN_TRIGRAM] for at in range(len(word) - MIN_TRIGRAM + 1)]
    sql = "SELECT text FROM search_words WHERE search_words MATCH %s ORDER BY rank LIMIT %s"
    return _column(sql, [" OR ".join(map(_quoted, pieces)), MAX_SIMILAR])


def is_ready() -> bool:
    """Return whether this database has pg_trgm or FTS5."""
    name = connection.settings_dict["NAME"]
    if name not in _ready and _column(HAS_INDEX[connection.vendor], []):
        _ready.add(name)
    return name in _ready


def reset() -> None:
    """Check again which databases have an index."""
    _ready.clear()


def _column(sql: str, params: list) -> list:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return [row[0] for row in cursor.fetchall()]


def _quoted(word: str) -> str:
    """Return the word as an FTS5 phrase, in which no character has a special meaning."""
    return '"' + word.replace('"', '""') + '"'
