"""The files of a dataset version: rows, description, gold and quarantine."""

import csv
import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from mlmodel.sentiment.data.corpus import OPTIONAL, REQUIRED, Row
from mlmodel.sentiment.data.datasets import Dataset
from mlmodel.sentiment.io.files import atomic_write


def write_rows(path: Path, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a CSV file atomically.

    Parameters
    ----------
    path : Path
    columns : sequence of str
    rows : iterable of sequence of str

    Returns
    -------
    str
        Its md5, by which DVC names it.
    """
    with atomic_write(path) as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
    with path.open("rb") as written:
        return hashlib.file_digest(written, "md5").hexdigest()


def write_dataset(dataset: Dataset, path: Path) -> str:
    """Write the rows to ``path`` and their description to the ``.json`` beside it.

    If the process is killed between the two, the md5 in the description does not match.

    Parameters
    ----------
    dataset : Dataset
    path : Path

    Returns
    -------
    str
        The md5 of the rows' file.
    """
    md5 = write_rows(path, dataset.columns, _fields(dataset.rows, dataset.columns))
    description = {"version": dataset.version, "md5": md5, "reviews": len(dataset.rows)}
    if dataset.n_human_labels or dataset.gold:
        description |= {"settled": dataset.n_human_labels, "gold": len(dataset.gold)}
    with atomic_write(path.with_suffix(".json")) as stream:
        stream.write(json.dumps(description, indent=1) + "\n")
    return md5


def read_description(path: Path) -> dict[str, Any]:
    """Read the ``.json`` beside a dataset; return {} if it is missing or damaged."""
    try:
        description = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return description if isinstance(description, dict) else {}


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


def _fields(rows: Sequence[Row], columns: Sequence[str]) -> Iterator[list[str]]:
    return ([getattr(row, name) for name in columns] for row in rows)
