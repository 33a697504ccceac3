"""Films out of a JSON or CSV file, plain or gzipped, one at a time."""

import csv
import gzip
import io
import json
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any, cast

CSV_COLUMNS = (
    "title",
    "year",
    "directors",
    "cast",
    "genres",
    "runtime_min",
    "synopsis",
    "poster_url",
    "imdb_id",
    "wikipedia_page",
)
REQUIRED_COLUMNS = {"title", "year"}
CHUNK_CHARS = 1 << 16
MAX_FILM_CHARS = 1 << 20  # the longest film of Wikipedia's list has 2,400
GZIP_MAGIC = b"\x1f\x8b"


class ImportFileError(Exception):
    """The file cannot be read; the text is one sentence that says why."""


class RowFile:
    """A JSON list of objects, or a CSV, plain or gzipped, that is read row by row."""

    kinds: tuple[str, ...] = ("json", "csv")
    columns: Sequence[str] = ()  # of a CSV, once its first row is read

    @classmethod
    def check_columns(cls, columns: Sequence[str]) -> None:
        """Raises ``ImportFileError`` where a CSV has not the columns that it should have."""

    def __init__(self, path: Path) -> None:
        self.path = path
        kind = path.name.lower().removesuffix(".gz").rpartition(".")[2]
        if kind not in self.kinds:
            kinds = " nor ".join(f".{kind}" for kind in self.kinds)
            raise ImportFileError(f"{path} is neither {kinds} (plain or .gz).")
        self._read = _read_json if kind == "json" else self._read_csv
        try:
            self._raw = path.open("rb")
            self.size = path.stat().st_size
        except OSError as error:
            raise ImportFileError(f"{path} cannot be opened: {error.strerror}.") from error

    @property
    def position(self) -> int:
        """How far the reading is, in bytes of ``size``."""
        return self._raw.tell() if not self._raw.closed else self.size

    def rows(self) -> Iterator[Any]:
        """Each row as the file has it, unchecked; the file is closed at the end."""
        with self._raw:
            try:
                yield from self._read(self._text())
            except ImportFileError as error:
                raise ImportFileError(f"{self.path} {error}") from error
            except (EOFError, zlib.error, gzip.BadGzipFile) as error:
                raise ImportFileError(
                    f"{self.path} is a damaged or truncated gzip file."
                ) from error
            except UnicodeDecodeError as error:
                raise ImportFileError(f"{self.path} is not text in UTF-8.") from error
            except OSError as error:
                raise ImportFileError(f"{self.path} cannot be read: {error.strerror}.") from error

    def _text(self) -> io.TextIOWrapper:
        is_gzipped = self._raw.peek(2)[:2] == GZIP_MAGIC
        plain = cast(IO[bytes], gzip.GzipFile(fileobj=self._raw)) if is_gzipped else self._raw
        return io.TextIOWrapper(plain, encoding="utf-8-sig", newline="")

    def _read_csv(self, text: IO[str]) -> Iterator[dict[str, Any] | None]:
        """Each row by its columns; None for one with too few or too many cells."""
        rows = csv.DictReader(text)
        try:
            self.columns = rows.fieldnames or ()
            self.check_columns(self.columns)
            for row in rows:
                yield None if None in row or None in row.values() else row
        except csv.Error as error:
            raise ImportFileError(f"is not CSV (line {rows.line_num}: {error}).") from error


class FilmFile(RowFile):
    """Films: a JSON list of objects, or a CSV whose lists are separated by ``|``."""

    @classmethod
    def check_columns(cls, columns: Sequence[str]) -> None:
        unknown = [column for column in columns if column not in CSV_COLUMNS]
        missing = sorted(REQUIRED_COLUMNS.difference(columns))
        if not unknown and not missing and len(set(columns)) == len(columns):
            return
        found = ", ".join(columns)[:200] or "none"
        raise ImportFileError(
            f"has the wrong columns ({found}); expected {', '.join(CSV_COLUMNS)}, "
            "of which only title and year are required."
        )

    def films(self) -> Iterator[Any]:
        return self.rows()


def _read_json(text: IO[str]) -> Iterator[Any]:
    """The elements of one long JSON list, without holding the list."""
    rest = _JsonText(text)
    if rest.next_mark() != "[":
        raise ImportFileError("is not a JSON list of films.")
    mark = ","
    while mark == ",":
        if rest.next_mark(take=False) == "]":
            return
        yield rest.next_value()
        mark = rest.next_mark()
    if mark != "]":
        raise ImportFileError("is not JSON, or ends in the middle.")


class _JsonText:
    """JSON of any length, read value by value."""

    def __init__(self, text: IO[str]) -> None:
        self._text, self._buffer, self._at = text, "", 0
        self._decoder = json.JSONDecoder()

    def next_mark(self, *, take: bool = True) -> str:
        """The next character that is no blank; empty at the end of the file."""
        while not (mark := self._buffer[self._at : self._at + 1]) or mark.isspace():
            self._at += len(mark)
            if not mark and not self._more():
                return ""
        self._at += take
        return mark

    def next_value(self) -> Any:
        while True:
            try:
                value, self._at = self._decoder.raw_decode(self._buffer, self._at)
                return value
            except (ValueError, RecursionError) as error:
                # Either the rest of the film is still to be read, or this is not JSON.
                is_endless = len(self._buffer) - self._at > MAX_FILM_CHARS
                if is_endless or not self._more():
                    raise ImportFileError("is not JSON, or ends in the middle.") from error

    def _more(self) -> bool:
        chunk = self._text.read(CHUNK_CHARS)
        self._buffer, self._at = self._buffer[self._at :] + chunk, 0
        return bool(chunk)
