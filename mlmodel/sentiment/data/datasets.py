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
# The published halves of the corpus hold 25,000 rows of which a few dozen are copies.
MAX_SHORTFALL = 0.01


@dataclass(frozen=True, slots=True)
class Dataset:
    """A dataset version as built, not yet written."""

    version: int
    rows: list[Row]
    n_source: int
    n_duplicates: int
    quarantine: list[tuple[Row, str]]
    n_slice: int  # rows of the source's slice, before labels that people settled were brought in
    n_human_labels: int = 0  # rows whose label a person settled
    gold: Sequence[Row] = ()  # settled too, and kept from training

    @property
    def n_positive(self) -> int:
        return sum(row.sentiment == "positive" for row in self.rows)

    @property
    def shortfall(self) -> int:
        """How many rows fewer than the version's size the source had."""
        return (SIZES[self.version] or self.n_slice) - self.n_slice

    @property
    def columns(self) -> list[str]:
        known = [name for name in OPTIONAL if any(getattr(row, name) for row in self.rows)]
        return [*REQUIRED, *known]


def build_version(source: Path, version: int, *, seed: int = 0) -> Dataset:
    """Build a dataset version from all labelled reviews.

    Which rows are in depends on their text and the seed, not on their place in
    the source; version 1 is part of version 2, and 2 of 3.

    Parameters
    ----------
    source : Path
        CSV as ``read_corpus`` takes it.
    version : {1, 2, 3}

    Returns
    -------
    Dataset
        Without copies, stratified by label. A version may fall short of its size
        by ``MAX_SHORTFALL``.

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
    wanted = SIZES[version] or len(good)
    if len(good) < wanted * (1 - MAX_SHORTFALL) or not good:
        raise CorpusError(
            f"{source} has {len(good):,} different labelled reviews; "
            f"dataset version {version} wants {wanted:,}"
        )
    chosen = _stratified(good, wanted, seed)
    return Dataset(
        version=version,
        rows=chosen,
        n_slice=len(chosen),
        n_source=len(rows),
        n_duplicates=len(rows) - len(quarantine) - len(good),
        quarantine=quarantine,
    )


def sort_out(rows: Sequence[Row]) -> tuple[dict[str, Row], list[tuple[Row, str]]]:
    """Good rows by their text's key, the first copy of each, and bad rows with the reason."""
    good: dict[str, Row] = {}
    bad = [(row, fault) for row in rows if (fault := row.fault())]
    usable = [(text_key(row.review), row) for row in rows if not row.fault()]
    for key, row in usable:
        good.setdefault(key, row)
    disputed = {key for key, row in usable if good[key].sentiment != row.sentiment}
    for key, row in usable:
        if key in disputed:
            bad.append((row, "the same review stands there positive and negative"))
            good.pop(key, None)
    return good, sorted(bad, key=lambda item: item[0].number)


def _stratified(good: dict[str, Row], wanted: int, seed: int) -> list[Row]:
    ordered = [good[key] for key in sorted(good, key=lambda key: order_of(seed, key))]
    n_positive = sum(row.sentiment == "positive" for row in good.values())
    room = {"positive": round(wanted * n_positive / len(good))}
    room["negative"] = wanted - room["positive"]
    chosen = []
    for row in ordered:
        if room[row.sentiment] > 0:
            room[row.sentiment] -= 1
            chosen.append(row)
    return chosen


def write_rows(
    path: Path,
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    announce: Callable[[str], None] = lambda md5: None,
) -> str:
    """Write a CSV file whole or not at all; returns its md5, which is what DVC calls it.

    ``announce`` is told the md5 when the rows are written, and just before they are the file.
    """
    with replacing(path) as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
        stream.flush()
        with open(stream.name, "rb") as written:
            md5 = hashlib.file_digest(written, "md5").hexdigest()
        announce(md5)
    return md5


@contextmanager
def replacing(path: Path) -> Iterator[IO[str]]:
    """A stream whose text becomes the file at once, when the block has ended well."""
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
    """Remove what a killed process had begun to write for ``path`` and the files beside it."""
    for leftover in path.parent.glob(f".{path.stem}.*"):
        leftover.unlink(missing_ok=True)


def write_dataset(dataset: Dataset, path: Path) -> str:
    """Write the rows to ``path`` and what they are to the ``.json`` beside it; the file's md5.

    While the one file is new and the other still old, the ``.json`` tells of both: whenever
    the process is killed, the rows that are there have their name.
    """
    facts_path, columns = path.with_suffix(".json"), dataset.columns
    facts: dict[str, Any] = {}

    def announce(md5: str) -> None:
        before = {name: value for name, value in read_facts(path).items() if name != "before"}
        facts.update(version=dataset.version, md5=md5, reviews=len(dataset.rows))
        if dataset.n_human_labels or dataset.gold:
            facts.update(settled=dataset.n_human_labels, gold=len(dataset.gold))
        write_json(facts_path, facts | ({"before": before} if before else {}))

    md5 = write_rows(path, columns, _fields(dataset.rows, columns), announce=announce)
    write_json(facts_path, facts)
    return md5


def write_gold(dataset: Dataset, path: Path) -> str:
    """Write what is kept from training; the file's md5."""
    columns = [*REQUIRED, *OPTIONAL]
    return write_rows(path, columns, _fields(dataset.gold, columns))


def _fields(rows: Sequence[Row], columns: Sequence[str]) -> Iterator[list[str]]:
    return ([getattr(row, name) for name in columns] for row in rows)


def read_facts(path: Path) -> dict[str, Any]:
    """What the ``.json`` beside a dataset tells; empty if it is missing or damaged."""
    try:
        facts = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return facts if isinstance(facts, dict) else {}


def write_json(path: Path, facts: dict[str, Any]) -> None:
    with replacing(path) as stream:
        stream.write(json.dumps(facts, indent=1) + "\n")


def write_quarantine(dataset: Dataset, path: Path) -> None:
    """Write the bad rows with their reasons; without any, no file stays from last time."""
    if not dataset.quarantine:
        path.unlink(missing_ok=True)
        return
    write_rows(
        path,
        ["row", "reason", "review", "sentiment"],
        ((str(row.number), why, row.review, row.sentiment) for row, why in dataset.quarantine),
    )
