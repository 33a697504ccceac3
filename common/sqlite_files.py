"""SQLite files: their URLs, and consistent copies.

URLs follow SQLAlchemy's rules everywhere: percent-encoding is decoded, and a + is a +.
"""

import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote, unquote

PREFIX = "sqlite:///"
# Names the driver, too: MLflow creates the folder of a sqlite:/// URL without decoding it.
DRIVER_PREFIX = "sqlite+pysqlite:///"


def sqlite_url(path: Path) -> str:
    """Return the URL of a database file.

    >>> sqlite_url(Path("/srv/potatoes/site.sqlite3"))
    'sqlite:////srv/potatoes/site.sqlite3'
    >>> sqlite_url(Path("/srv/a#1 b+c?/site.sqlite3"))
    'sqlite+pysqlite:////srv/a%231%20b%2Bc%3F/site.sqlite3'
    """
    encoded = quote(str(path))
    return (PREFIX if encoded == str(path) else DRIVER_PREFIX) + encoded


def sqlite_path(url: str) -> Path | None:
    """Return the database file that a URL names; None if it names no file.

    >>> sqlite_path("sqlite:////srv/a%231/mlflow.db")
    PosixPath('/srv/a#1/mlflow.db')
    >>> sqlite_path("postgres://db/potatoes")

    Raises
    ------
    ValueError
        If there is a ``/`` after a ``?``: options have none, so a folder's name was not encoded.
    """
    scheme, _, rest = url.partition(":///")
    path, _, options = rest.partition("?")
    if scheme.partition("+")[0] != "sqlite" or path in ("", ":memory:"):
        return None
    if "/" in options:
        raise ValueError(f"{url} has a / after its ?: write %3F for a question mark in a path")
    return Path(unquote(path))


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy a database that may be in use; replace the contents of ``target`` in one transaction."""
    with closing(sqlite3.connect(source)) as here, closing(sqlite3.connect(target)) as there:
        here.backup(there)
