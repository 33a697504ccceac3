"""The format of a file of rows, and reading it: JSON or CSV, plain or gzipped."""

import csv
import gzip
import io
import json
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any, cast

from django.db.models import QuerySet

CHUNK_CHARS = 1 << 16
MAX_ROW_CHARS = 1 << 20  # the longest row of Wikipedia's list of movies has 2,400
GZIP_MAGIC = b"\x1f\x8b"


class ImportFileError(Exception):
    """The file cannot be read; the message is one sentence that gives the reason."""


def file_kind(path: Path) -> str:
    """Return the suffix of the name, without ``.gz``: "csv" or "json"."""
    return path.name.lower().removesuffix(".gz").rpartition(".")[2]


class RowFile:
    """A JSON list of objects or a CSV file, plain or gzipped, read row by row."""

    kinds: tuple[str, ...] = ("json", "csv")
    columns: tuple[str, ...] = ()  # that an export writes
    header: Sequence[str] = ()  # of a CSV file, once its first row has been read

    @classmethod
    def exported(cls, instances: QuerySet) -> QuerySet:
        """Return those of the instances that are exported, with their related objects."""
        return instances

    @classmethod
    def as_row(cls, instance: Any) -> dict[str, Any]:
        """Return an instance as an import reads it."""
        raise NotImplementedError

    @classmethod
    def check_header(cls, header: Sequence[str]) -> None:
        """Raise ``ImportFileError`` if the columns of a CSV file are not those expected."""

    def __init__(self, path: Path) -> None:
        self.path = path
        kind = file_kind(path)
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
        """The number of bytes read, out of ``size``."""
        return self._raw.tell() if not self._raw.closed else self.size

    def rows(self) -> Iterator[Any]:
        """Yield each row unchecked, and close the file at the end."""
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
                raise ImportFileError(
                    f"{self.path} is not UTF-8 text. Save it as UTF-8, or convert it, for example "
                    "with `iconv -f WINDOWS-1252 -t UTF-8`."
                ) from error
            except OSError as error:
                raise ImportFileError(f"{self.path} cannot be read: {error.strerror}.") from error

    def _text(self) -> io.TextIOWrapper:
        is_gzipped = self._raw.peek(2)[:2] == GZIP_MAGIC
        plain = cast(IO[bytes], gzip.GzipFile(fileobj=self._raw)) if is_gzipped else self._raw
        return io.TextIOWrapper(plain, encoding="utf-8-sig", newline="")

    def _read_csv(self, text: IO[str]) -> Iterator[dict[str, Any] | None]:
        """Yield each row as a dict, or None if it has too few or too many cells."""
        rows = csv.DictReader(text)
        try:
            self.header = rows.fieldnames or ()
            self.check_header(self.header)
            for row in rows:
                yield None if None in row or None in row.values() else row
        except csv.Error as error:
            raise ImportFileError(f"is not CSV (line {rows.line_num}: {error}).") from error


def _read_json(text: IO[str]) -> Iterator[Any]:
    """Yield the elements of a JSON list without holding the whole list."""
    rest = _JsonText(text)
    if rest.next_char() != "[":
        raise ImportFileError("is not a JSON list.")
    char = ","
    while char == ",":
        if rest.next_char(consume=False) == "]":
            return
        yield rest.next_value()
        char = rest.next_char()
    if char != "]":
        raise ImportFileError("is not JSON, or ends in the middle.")


class _JsonText:
    """JSON text of any length, read value by value.

    Not with ijson: 100 kB of opening brackets cost it more than 16 GB (version 3.6).
    """

    def __init__(self, text: IO[str]) -> None:
        self._text, self._buffer, self._at = text, "", 0
        self._decoder = json.JSONDecoder()

    def next_char(self, *, consume: bool = True) -> str:
        """Return the next character that is not a blank, or "" at the end of the file."""
        while not (char := self._buffer[self._at : self._at + 1]) or char.isspace():
            self._at += len(char)
            if not char and not self._read_more():
                return ""
        self._at += consume
        return char

    def next_value(self) -> Any:
        while True:
            try:
                value, self._at = self._decoder.raw_decode(self._buffer, self._at)
                return value
            except (ValueError, RecursionError) as error:
                # Either the row continues in the next chunk, or this is not JSON.
                is_too_long = len(self._buffer) - self._at > MAX_ROW_CHARS
                if is_too_long or not self._read_more():
                    raise ImportFileError("is not JSON, or ends in the middle.") from error

    def _read_more(self) -> bool:
        chunk = self._text.read(CHUNK_CHARS)
        self._buffer, self._at = self._buffer[self._at :] + chunk, 0
        return bool(chunk)
