"""The MLflow store of a site without an MLflow server: an SQLite file and a folder of artifacts."""

import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.conf import settings

from common.sqlite_files import copy_sqlite, sqlite_path, sqlite_url
from mlmodel.sentiment.errors import SentimentError

# Where MLflow records absolute addresses of artifacts.
LOCATIONS = (
    ("experiments", "artifact_location"),
    ("runs", "artifact_uri"),
    ("logged_models", "artifact_location"),
    ("model_versions", "source"),
    ("model_versions", "storage_location"),
)
TIMEOUT_S = 20  # as MLflow's


class RegistryUnavailable(SentimentError):
    """MLflow cannot be reached, or raised an error; the champion stays champion."""


class StoreOutdated(RegistryUnavailable):
    """The store's tables are not those of the installed MLflow."""


def site_store() -> Path | None:
    """Return the file of this site's store; None if it uses a server."""
    try:
        return sqlite_path(settings.MLFLOW_TRACKING_URI)
    except ValueError as error:
        raise RegistryUnavailable(f"MLFLOW_TRACKING_URI: {error}") from error


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a database for one transaction."""
    with closing(sqlite3.connect(path, timeout=TIMEOUT_S)) as database, database:
        yield database


# --- moved folders ------------------------------------------------------------
def relocate(path: Path, *, experiment: str, artifacts: Path) -> None:
    """Record that the experiment's artifacts are in the folder ``artifacts`` now, if they are.

    They are if the folder holds some of them, or if the recorded one does not exist: then the
    store was moved or copied. Otherwise, MLFLOW_ARTIFACTS was set for later experiments.
    """
    new = artifacts.absolute().as_uri()
    with _opened(path) as database:
        row = database.execute(
            "SELECT artifact_location FROM experiments WHERE name = ?", [experiment]
        ).fetchone()
        recorded = local_folder(row[0]) if row else None
        if recorded is None or row[0] == new:
            return
        if not os.path.isdir(recorded) or _holds_some(database, row[0], artifacts):
            _replace_locations(database, row[0], new)


def local_folder(location: str) -> Path | None:
    """Return the folder of an artifact location; None if it is on a server."""
    parts = urlsplit(location)
    if parts.scheme == "file":
        return Path(unquote(parts.path))
    return None if parts.scheme else Path(location)


def _holds_some(database: sqlite3.Connection, location: str, folder: Path) -> bool:
    """Return whether the folder has an artifact that is recorded below the location."""
    recorded = database.execute(
        "SELECT artifact_uri FROM runs UNION SELECT artifact_location FROM logged_models"
    )
    start = f"{location}/"
    return any(
        (folder / uri.removeprefix(start)).is_dir() for (uri,) in recorded if uri.startswith(start)
    )


def _replace_locations(database: sqlite3.Connection, old: str, new: str) -> None:
    for table, column in LOCATIONS:
        database.execute(
            f"UPDATE {table} SET {column} = ? || substr({column}, ?)"  # noqa: S608
            f" WHERE {column} = ? OR substr({column}, 1, ?) = ?",
            [new, len(old) + 1, old, len(old) + 1, f"{old}/"],
        )


# --- tables -------------------------------------------------------------------
def check_tables(path: Path, known: list[str]) -> None:
    """Raise StoreOutdated unless the tables have the newest of the known revisions.

    MLflow itself would upgrade some old tables without a copy, and refuse others.
    """
    if read_revision(path, known) != known[0]:
        raise StoreOutdated(
            f"the MLflow store {path} has the tables of an older version of MLflow: run "
            "`make migrate` or `manage.py deploy`, which keep a copy of it and upgrade it"
        )


def read_revision(path: Path, known: list[str]) -> str:
    with _opened(path) as database:
        (revision,) = database.execute("SELECT version_num FROM alembic_version").fetchone() or [""]
    if revision not in known:
        raise StoreOutdated(
            f"the MLflow store {path} has tables that this version of MLflow does not know "
            f"({revision or 'no revision'}): install the version that made it, or restore a copy"
        )
    return revision


def upgrade_tables(
    path: Path, known: list[str], *, upgrade: Callable[[str], object]
) -> Path | None:
    """Upgrade old tables, all or nothing; return the copy of the old ones, if they were old.

    ``upgrade``, which is MLflow's, can stop half-way, so it gets the URL of a copy. No process
    may use the store.
    """
    if (revision := read_revision(path, known)) == known[0]:
        return None
    backup = path.with_name(f"{path.stem}-{revision}{path.suffix}")
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}-") as folder:
        old, new = Path(folder) / "old.db", Path(folder) / "new.db"
        for copy in (old, new):
            copy_sqlite(path, copy)
        upgrade(sqlite_url(new))
        os.replace(old, backup)
        copy_sqlite(new, path)
    return backup
