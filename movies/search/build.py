"""Create the search indexes that are missing, after every ``migrate``.

PostgreSQL: trigram indexes (pg_trgm) and a full-text index. SQLite: FTS5 tables, maintained by
triggers. Not a migration, because Django alters an SQLite table by creating a new one without the
triggers, and because pg_trgm may be installed later.
"""

from collections.abc import Callable
from typing import Any

from django.db import DatabaseError, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from movies.models import Movie, SearchWord
from movies.search import index
from movies.search.vocabulary import add_words

NO_TRIGRAMS = """\
  The extension pg_trgm is missing, and this role is not allowed to create it. Search works, but
  reads every movie and corrects one typo per word, not two. To install it, let a superuser run
      CREATE EXTENSION pg_trgm;
  in this database, and then run this command again: manage.py migrate"""
NO_FTS = """\
  This SQLite has no FTS5 with trigrams (it is older than 3.34, or was built without). Search works,
  but reads every movie, corrects one typo per word, not two, and finds no movie by its plot."""
PLOT_INDEX = f"CREATE INDEX IF NOT EXISTS movie_plot ON movies_movie USING gin (({index.PLOT}))"
TRIGRAM_INDEXES = (
    # Not on the plain column: PostgreSQL would use this index for text IN (900 words), which
    # takes minutes.
    "DROP INDEX IF EXISTS search_words_trigrams",
    "CREATE INDEX IF NOT EXISTS search_words_alike ON movies_searchword "
    f"USING gin (({index.WORD}) gin_trgm_ops)",
    "CREATE INDEX IF NOT EXISTS movie_names_trigrams ON movies_movie "
    "USING gin (search_key gin_trgm_ops)",
)
# FTS5 table: the table and column that it indexes, and its tokenizer
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
Report = Callable[[str], object]


def build_index(using: str, report: Report) -> None:
    connection = connections[using]
    if "movies_searchword" not in connection.introspection.table_names():
        return  # migrated back to before there was a search
    index.reset()
    if connection.vendor == "postgresql":
        _build_postgres(connection, report)
    else:
        _build_sqlite(connection, report)
    _fill_vocabulary(using)


def _build_postgres(connection: BaseDatabaseWrapper, report: Report) -> None:
    with connection.cursor() as cursor:
        cursor.execute(PLOT_INDEX)
        if _has_extension(connection):
            for sql in TRIGRAM_INDEXES:
                cursor.execute(sql)
        else:
            report(NO_TRIGRAMS)


def _has_extension(connection: BaseDatabaseWrapper) -> bool:
    try:
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    except DatabaseError:
        return False
    return True


def _build_sqlite(connection: BaseDatabaseWrapper, report: Report) -> None:
    try:
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            for fts, (table, column, tokenizer) in FTS_TABLES.items():
                names = {"fts": fts, "table": table, "column": column, "tokenizer": tokenizer}
                _build_fts(cursor, names)
    except DatabaseError:
        report(NO_FTS)


def _build_fts(cursor: Any, names: dict[str, str]) -> None:
    triggers = {name.format(**names): sql.format(**names) for name, sql in TRIGGERS.items()}
    cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
    if triggers.keys() <= {name for (name,) in cursor.fetchall()}:
        return
    cursor.execute(
        "CREATE VIRTUAL TABLE IF NOT EXISTS {fts} USING fts5 "
        "({column}, content='{table}', content_rowid='id', tokenize='{tokenizer}')".format(**names)
    )
    for name, sql in triggers.items():
        cursor.execute(f"CREATE TRIGGER IF NOT EXISTS {name} {sql}")
    # Index the rows written while there was no trigger.
    cursor.execute("INSERT INTO {fts} ({fts}) VALUES ('rebuild')".format(**names))  # noqa: S608


def _fill_vocabulary(using: str) -> None:
    """Add the words of movies that are older than the vocabulary."""
    if SearchWord.objects.using(using).exists():
        return
    movies = Movie.objects.using(using).only("search_key").order_by("pk").iterator()
    with transaction.atomic(using=using):
        add_words(movies)
