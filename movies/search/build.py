"""Making what a search asks: after every ``migrate``, and only what is missing.

PostgreSQL: trigram indexes (pg_trgm) and a full text index. SQLite: FTS5 tables, kept by
triggers. Not in a migration, because Django changes a table of SQLite by making a new one, which
has no triggers; and so that pg_trgm may come later.
"""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from django.db import DatabaseError, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from movies.search import index, spelling

NO_TRIGRAMS = """\
  The extension pg_trgm is not in this database, and this role may not create it. Search works, but
  reads every film and forgives one typo in a word, not two. To have it, let a superuser run there:
      CREATE EXTENSION pg_trgm;
  and then run this command again: manage.py migrate"""
NO_FTS = """\
  This SQLite has no FTS5 with trigrams (it is older than 3.34, or was built without). Search works,
  but reads every film, forgives one typo in a word, not two, and finds nothing by its plot."""
PLOT_INDEX = f"CREATE INDEX IF NOT EXISTS movie_plot ON movies_movie USING gin (({index.PLOT}))"
TRIGRAM_INDEXES = (
    # Not of the plain column: PostgreSQL would look up text IN (900 words) in it, for minutes.
    "DROP INDEX IF EXISTS search_words_trigrams",
    "CREATE INDEX IF NOT EXISTS search_words_alike ON movies_searchword "
    f"USING gin (({index.ALIKE}) gin_trgm_ops)",
    "CREATE INDEX IF NOT EXISTS movie_names_trigrams ON movies_movie "
    "USING gin (search_key gin_trgm_ops)",
)
# FTS5 table: the table and column that it indexes, and how
FTS_TABLES = {
    "movie_names": ("movies_movie", "search_key", "trigram"),
    "movie_plots": ("movies_movie", "synopsis", "porter unicode61 remove_diacritics 2"),
    "search_words": ("movies_searchword", "text", "trigram"),
}
ADD = "INSERT INTO {fts} (rowid, {column}) VALUES (new.id, new.{column});"
DROP = "INSERT INTO {fts} ({fts}, rowid, {column}) VALUES ('delete', old.id, old.{column});"
TRIGGERS = {
    "{fts}_insert": f"AFTER INSERT ON {{table}} BEGIN {ADD} END",
    "{fts}_delete": f"AFTER DELETE ON {{table}} BEGIN {DROP} END",
    "{fts}_update": "AFTER UPDATE OF {column} ON {table} "
    f"WHEN old.{{column}} IS NOT new.{{column}} BEGIN {DROP} {ADD} END",
}
Tell = Callable[[str], object]
MAX_FILMS = 1000  # in memory, while the vocabulary is filled


def build(using: str, tell: Tell) -> None:
    connection = connections[using]
    if "movies_searchword" not in connection.introspection.table_names():
        return  # migrated back, to where there was no search
    index.forget()
    if connection.vendor == "postgresql":
        _build_postgres(connection, tell)
    else:
        _build_sqlite(connection, tell)
    _fill_vocabulary(using)


def _build_postgres(connection: BaseDatabaseWrapper, tell: Tell) -> None:
    with connection.cursor() as cursor:
        cursor.execute(PLOT_INDEX)
        if _has_extension(connection):
            for sql in TRIGRAM_INDEXES:
                cursor.execute(sql)
        else:
            tell(NO_TRIGRAMS)


def _has_extension(connection: BaseDatabaseWrapper) -> bool:
    try:
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    except DatabaseError:
        return False
    return True


def _build_sqlite(connection: BaseDatabaseWrapper, tell: Tell) -> None:
    try:
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            for fts, (table, column, how) in FTS_TABLES.items():
                _build_fts(cursor, {"fts": fts, "table": table, "column": column, "how": how})
    except DatabaseError:
        tell(NO_FTS)


def _build_fts(cursor: Any, names: dict[str, str]) -> None:
    triggers = {name.format(**names): sql.format(**names) for name, sql in TRIGGERS.items()}
    cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
    if triggers.keys() <= {name for (name,) in cursor.fetchall()}:
        return
    cursor.execute(
        "CREATE VIRTUAL TABLE IF NOT EXISTS {fts} USING fts5 "
        "({column}, content='{table}', content_rowid='id', tokenize='{how}')".format(**names)
    )
    for name, sql in triggers.items():
        cursor.execute(f"CREATE TRIGGER IF NOT EXISTS {name} {sql}")
    # What happened while there was no trigger.
    cursor.execute("INSERT INTO {fts} ({fts}) VALUES ('rebuild')".format(**names))  # noqa: S608


def _fill_vocabulary(using: str) -> None:
    """Films that were there before the vocabulary."""
    from movies.models import Movie, SearchWord

    if SearchWord.objects.using(using).exists():
        return
    films = Movie.objects.using(using).only("search_key").order_by("pk").iterator()
    with transaction.atomic(using=using):
        for some in _chunks(films):
            spelling.remember(some)


def _chunks(films: Iterator[Any]) -> Iterator[list[Any]]:
    while some := list(islice(films, MAX_FILMS)):
        yield some
