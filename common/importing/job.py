"""Import rows in batches: parse each row, compare it with what is stored, write what differs."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Generic, TypeVar

from django.db import IntegrityError
from django.utils.text import Truncator

from common.importing.files import ImportFileError

MAX_VALUE_CHARS = 60
Row = TypeVar("Row")


class BadRow(Exception):
    """A row that cannot be imported; the message is the reason."""


@dataclass
class Summary:
    """The counts of an import."""

    created: int = 0
    updated: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    first_bad_rows: dict[str, int] = field(default_factory=dict)  # by reason; the first row is 1

    def lines(self) -> Iterator[str]:
        n_skipped = self.skipped.total()
        yield f"{self.created} created, {self.updated} updated, {n_skipped} skipped"
        for reason, count in self.skipped.most_common():
            row = self.first_bad_rows.get(reason)
            yield f"  skipped: {reason}: {count}" + (f" (first in row {row})" if row else "")


class ImportJob(Generic[Row]):
    """One import, which holds one batch of rows in memory.

    Subclasses implement ``parse`` and ``merge``.
    """

    batch_size = 500
    max_batch_size = 5_000

    def __init__(
        self,
        *,
        overwrite: bool = False,
        dry_run: bool = False,
        on_change: Callable[[str], object] = lambda line: None,
    ) -> None:
        self.overwrite, self.dry_run = overwrite, dry_run
        self.on_change = on_change  # is called with each difference, as a line of text
        self.summary = Summary()
        self.n_rows = 0

    def parse(self, row: Any) -> Row:
        """Return the cleaned row, or raise ``BadRow``."""
        raise NotImplementedError

    def merge(self, rows: Sequence[Row]) -> None:
        """Write one batch, unless this is a dry run, and count it in the summary."""
        raise NotImplementedError

    def run(
        self,
        rows: Iterable[Any],
        *,
        batch_size: int | None = None,
        on_batch: Callable[[], object] = lambda: None,
    ) -> Summary:
        rest = iter(rows)
        size = min(batch_size or self.batch_size, self.max_batch_size)
        while batch := list(islice(rest, size)):
            try:
                self.merge(list(self._parsed(batch)))
            except IntegrityError as error:
                raise ImportFileError(
                    "Somebody else changed the same data during the import; run it again."
                ) from error
            on_batch()
        return self.summary

    def _parsed(self, batch: Sequence[Any]) -> Iterator[Row]:
        for row in batch:
            self.n_rows += 1
            try:
                yield self.parse(row)
            except BadRow as reason:
                self.summary.skipped[str(reason)] += 1
                self.summary.first_bad_rows.setdefault(str(reason), self.n_rows)


def shorten(value: Any) -> str:
    """Return a value as it is shown in a line of differences."""
    text = ", ".join(value) if isinstance(value, list) else str(value or "")
    return Truncator(" ".join(text.split())).chars(MAX_VALUE_CHARS) or "(nothing)"
