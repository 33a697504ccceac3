"""Dataset versions: fixed, reproducible slices of one file of labelled reviews."""

import csv
import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from mlmodel.sentiment.data.corpus import OPTIONAL, REQUIRED, Row, order_of, read_rows, text_key
from mlmodel.sentiment.errors import CorpusError

SIZES = {1: 10_000, 2: 25_000, 3: None}  # rows; None is all there are
MAX_BAD_SHARE = 0.01
# Each published half of the corpus has 25,000 rows, of which a few dozen are copies.
MAX_SHORTFALL = 0.01


@dataclass(frozen=True, slots=True)
class Dataset:
    """A dataset version that is built but not yet written.

    Parameters
    ----------
    version : int
    rows : list of Row
    n_source, n_duplicates : int
        Rows of the source file, and copies among them.
    quarantine : list of (Row, str)
        Unusable rows with the reason.
    n_slice : int
        Rows taken from the source, before human labels were added.
    n_human_labels : int, optional
        Rows whose label a person has set.
    gold : sequence of Row, optional
        Rows with human labels that are kept out of training, for evaluation.
    """

    version: int
    rows: list[Row]
    n_source: int
    n_duplicates: int
    quarantine: list[tuple[Row, str]]
    n_slice: int
    n_human_labels: int = 0
    gold: Sequence[Row] = ()

    @property
    def n_positive(self) -> int:
        """Number of positive rows."""
        return sum(row.sentiment == "positive" for row in self.rows)

    @property
    def shortfall(self) -> int:
        """Number of rows that the source lacks for the version's size."""
        return (SIZES[self.version] or self.n_slice) - self.n_slice

    @property
    def columns(self) -> list[str]:
        """The columns to write: the required ones, and the optional ones that have a value."""
        return [*REQUIRED, *(n for n in OPTIONAL if any(getattr(row, n) for row in self.rows))]


def build_version(source: Path, version: int, *, seed: int = 0) -> Dataset:
    """Build a dataset version from all labelled reviews.

    The choice of rows depends on their text and the seed, not on their order in the source;
    version 1 is part of version 2, and 2 of 3.

    Parameters
    ----------
    source : Path
        CSV as ``read_corpus`` takes it.
    version : {1, 2, 3}
    seed : int, optional

    Returns
    -------
    Dataset
        Without copies, stratified by label. It may be smaller than its version's size by a
        share of ``MAX_SHORTFALL``.

    Raises
    ------
    CorpusError
        If the source is unreadable, has too many bad rows, or too few good ones.
    """
    if version not in SIZES:
        raise CorpusError(f"there is no dataset version {version}; there are 1, 2 and 3")
    rows = list(read_rows(source))
    good, quarantine = sort_out(rows)
    if len(quarantine) > MAX_BAD_SHARE * len(rows):
        row, reason = quarantine[0]
        raise CorpusError(
            f"{len(quarantine)} of {len(rows)} rows of {source} are unusable, more than "
            f"{MAX_BAD_SHARE:.0%}; the first is row {row.number}: {reason}"
        )
    size = SIZES[version] or len(good)
    if len(good) < size * (1 - MAX_SHORTFALL) or not good:
        raise CorpusError(
            f"{source} has {len(good):,} different labelled reviews; "
            f"dataset version {version} needs {size:,}"
        )
    chosen = _stratified(good, size, seed)
    return Dataset(
        version=version,
        rows=chosen,
        n_slice=len(chosen),
        n_source=len(rows),
        n_duplicates=len(rows) - len(quarantine) - len(good),
        quarantine=quarantine,
    )


def sort_out(rows: Sequence[Row]) -> tuple[dict[str, Row], list[tuple[Row, str]]]:
    """Return good rows by ``text_key``, the first copy of each, and bad rows with the reason."""
    good: dict[str, Row] = {}
    bad = [(row, fault) for row in rows if (fault := row.fault())]
    usable = [(text_key(row.review), row) for row in rows if not row.fault()]
    for key, row in usable:
        good.setdefault(key, row)
    disputed = {key for key, row in usable if good[key].sentiment != row.sentiment}
    for key, row in usable:
        if key in disputed:
            bad.append((row, "the same review is in the file as positive and as negative"))
            good.pop(key, None)
    return good, sorted(bad, key=lambda item: item[0].number)


def _stratified(good: dict[str, Row], size: int, seed: int) -> list[Row]:
    ordered = [good[key] for key in sorted(good, key=lambda key: order_of(seed, key))]
    n_positive = sum(row.sentiment == "positive" for row in good.values())
    missing = {"positive": round(size * n_positive / len(good))}
    missing["negative"] = size - missing["positive"]
    chosen = []
    for row in ordered:
        if missing[row.sentiment] > 0:
            missing[row.sentiment] -= 1
            chosen.append(row)
    return chosen


def write_rows(
    path: Path,
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    before_replace: Callable[[str], None] = lambda md5: None,
) -> str:
    """Write a CSV file atomically; return its md5, by which DVC names it.

    Parameters
    ----------
    path : Path
    columns : sequence of str
    rows : iterable of sequence of str
    before_replace : callable, optional
        Called with the md5 when all rows are written, just before they replace the file.
    """
    with replacing(path) as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
        stream.flush()
        with open(stream.name, "rb") as written:
            md5 = hashlib.file_digest(written, "md5").hexdigest()
        before_replace(md5)
    return md5


@contextmanager
def replacing(path: Path) -> Iterator[IO[str]]:
    """Open a stream whose text replaces the file when the block ends without an error."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    os.close(handle)
    try:
        with open(temporary, "w", encoding="utf-8", newline="") as stream:
            yield stream
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def clear_interrupted(path: Path) -> None:
    """Remove temporary files that a killed process left for ``path`` and the files beside it."""
    for leftover in path.parent.glob(f".{path.stem}.*"):
        leftover.unlink(missing_ok=True)


def write_dataset(dataset: Dataset, path: Path) -> str:
    """Write the rows to ``path`` and their description to the ``.json`` beside it.

    While one file is new and the other is old, the ``.json`` describes both, so that the rows
    have a description even if the process is killed between the two writes.

    Parameters
    ----------
    dataset : Dataset
    path : Path

    Returns
    -------
    str
        The md5 of the rows' file.
    """
    description_path, columns = path.with_suffix(".json"), dataset.columns
    description: dict[str, Any] = {}

    def describe(md5: str) -> None:
        before = {name: value for name, value in read_description(path).items() if name != "before"}
        description.update(version=dataset.version, md5=md5, reviews=len(dataset.rows))
        if dataset.n_human_labels or dataset.gold:
            description.update(settled=dataset.n_human_labels, gold=len(dataset.gold))
        write_json(description_path, description | ({"before": before} if before else {}))

    md5 = write_rows(path, columns, _fields(dataset.rows, columns), before_replace=describe)
    write_json(description_path, description)
    return md5


def write_gold(dataset: Dataset, path: Path) -> str:
    """Write the rows that are kept out of training.

    Parameters
    ----------
    dataset : Dataset
    path : Path

    Returns
    -------
    str
        The file's md5.
    """
    columns = [*REQUIRED, *OPTIONAL]
    return write_rows(path, columns, _fields(dataset.gold, columns))


def _fields(rows: Sequence[Row], columns: Sequence[str]) -> Iterator[list[str]]:
    return ([getattr(row, name) for name in columns] for row in rows)


def read_description(path: Path) -> dict[str, Any]:
    """Read the ``.json`` beside a dataset; return {} if it is missing or damaged."""
    try:
        description = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return description if isinstance(description, dict) else {}


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Write a JSON file atomically.

    Parameters
    ----------
    path : Path
    content : dict
    """
    with replacing(path) as stream:
        stream.write(json.dumps(content, indent=1) + "\n")


def write_quarantine(dataset: Dataset, path: Path) -> None:
    """Write the bad rows with their reasons.

    Parameters
    ----------
    dataset : Dataset
    path : Path
        Without bad rows, an earlier file is removed.
    """
    if not dataset.quarantine:
        path.unlink(missing_ok=True)
        return
    write_rows(
        path,
        ["row", "reason", "review", "sentiment"],
        ((str(row.number), why, row.review, row.sentiment) for row, why in dataset.quarantine),
    )
