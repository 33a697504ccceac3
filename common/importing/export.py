"""Write rows to a JSON or CSV file, plain or gzipped, one at a time."""

import csv
import gzip
import io
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from common.files import atomic_write

STDOUT = Path("-")


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[dict[str, Any]]) -> int:
    """Return the number of rows written."""
    n = 0
    with open_for_writing(path) as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        for row in rows:
            writer.writerow(as_cells(row))
            n += 1
    return n


def write_json(path: Path, rows: Iterable[dict[str, Any]]) -> int:
    """Return the number of rows written."""
    n = 0
    with open_for_writing(path) as file:
        for row in rows:
            file.write(",\n" if n else "[\n")
            file.write(json.dumps(row, ensure_ascii=False))
            n += 1
        file.write("\n]\n" if n else "[]\n")
    return n


def as_cells(row: dict[str, Any]) -> dict[str, Any]:
    return {name: _as_cell(value) for name, value in row.items()}


def _as_cell(value: Any) -> Any:
    # A name that contains the separator would be read as two names.
    return "|".join(name.replace("|", "/") for name in value) if isinstance(value, list) else value


@contextmanager
def open_for_writing(path: Path) -> Iterator[IO[str]]:
    """Open a text file that appears under its name only when it is complete; ``-`` is stdout."""
    if path == STDOUT:
        yield sys.stdout
        return
    with atomic_write(path) as raw:
        # Without a modification time, so that the same rows give the same file.
        zipped = gzip.GzipFile("", "wb", 6, raw, mtime=0) if path.suffix == ".gz" else None
        with io.TextIOWrapper(zipped or raw, encoding="utf-8", newline="") as text:
            yield text
