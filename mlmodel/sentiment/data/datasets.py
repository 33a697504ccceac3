"""Dataset versions: fixed, reproducible slices of one file of labelled reviews."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

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
