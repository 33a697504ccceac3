"""Films and reviews out of the database into a file, row by row."""

import csv
import gzip
import io
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from common.files import atomic_write
from movies.importing.files import CSV_COLUMNS
from movies.models import Movie

CHUNK = 500  # films whose genres are asked for at once
STDOUT = Path("-")
LISTS = ("directors", "cast", "genres")


def export_movies(path: Path, on_row: Callable[[], object] = lambda: None) -> int:
    """Write every film as ``import_movies`` reads it; how many."""
    write = write_json if _kind(path) == "json" else write_csv
    return write(path, CSV_COLUMNS, _counted(map(film_row, all_films()), on_row))


def all_films() -> Iterator[Movie]:
    return Movie.objects.order_by("pk").prefetch_related("genres").iterator(chunk_size=CHUNK)


def film_row(movie: Movie) -> dict[str, Any]:
    film = {name: getattr(movie, name) for name in CSV_COLUMNS}
    return film | {"genres": [genre.name for genre in movie.genres.all()]}


def _counted(rows: Iterable[Any], on_row: Callable[[], object]) -> Iterator[Any]:
    for row in rows:
        yield row
        on_row()


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[dict[str, Any]]) -> int:
    n = 0
    with opened(path) as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        for row in rows:
            writer.writerow(in_cells(row))
            n += 1
    return n


def write_json(path: Path, columns: Sequence[str], rows: Iterable[dict[str, Any]]) -> int:
    n = 0
    with opened(path) as file:
        for row in rows:
            file.write(",\n" if n else "[\n")
            file.write(json.dumps(row, ensure_ascii=False))
            n += 1
        file.write("\n]\n" if n else "[]\n")
    return n


def in_cells(row: dict[str, Any]) -> dict[str, Any]:
    return {name: _cell(value) for name, value in row.items()}


def _cell(value: Any) -> Any:
    # A name with the separator in it would be two names when it is read again.
    return "|".join(name.replace("|", "/") for name in value) if isinstance(value, list) else value


def _kind(path: Path) -> str:
    return path.name.lower().removesuffix(".gz").rpartition(".")[2]


@contextmanager
def opened(path: Path) -> Iterator[IO[str]]:
    """Open the file to write, which replaces ``path`` only when it is complete."""
    if path == STDOUT:
        yield sys.stdout
        return
    with atomic_write(path) as raw:
        # Without a time, so that the same rows give the same file.
        zipped = gzip.GzipFile("", "wb", 6, raw, mtime=0) if path.suffix == ".gz" else None
        with io.TextIOWrapper(zipped or raw, encoding="utf-8", newline="") as text:
            yield text
