"""Labels that people settled on the site: a part to train on, and gold to judge models by."""

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from mlmodel.sentiment.data.corpus import Row, order_of, read_rows, text_key
from mlmodel.sentiment.data.datasets import Dataset, sort_out
from mlmodel.sentiment.errors import CorpusError

GOLD_SHARE = 0.2
# Not the seed of anything else: what is gold must not hang together with any other split, and
# must never change, or a model would be judged by what an earlier one was trained on.
GOLD_SEED = 2_718_281


def is_gold(key: str) -> bool:
    """Whether a settled text is kept from training; its key alone decides, for ever."""
    return order_of(GOLD_SEED, key) < GOLD_SHARE


def with_human_labels(dataset: Dataset, labels: Path) -> Dataset:
    """Bring the labels that people settled into a dataset version.

    Parameters
    ----------
    dataset : Dataset
        As ``build_version`` made it.
    labels : Path
        CSV as ``read_corpus`` takes it, the settled label as sentiment.

    Returns
    -------
    Dataset
        Where a settled text stands in the source too, the settled label wins. About
        ``GOLD_SHARE`` of the settled reviews are its ``gold``, and none of these texts is
        among its rows. A text that people settled both ways is left as the source has it.

    Raises
    ------
    CorpusError
        If the file cannot be read, or has a row that no export writes.
    """
    settled = _read(labels)
    gold = {key: row for key, row in settled.items() if is_gold(key)}
    fresh = {key: row for key, row in settled.items() if key not in gold}
    rows = []
    for row in dataset.rows:
        key = text_key(row.review)
        if key not in gold:
            rows.append(_relabelled(row, fresh.pop(key, None)))
    return replace(
        dataset,
        rows=[*rows, *fresh.values()],
        n_human_labels=len(settled) - len(gold),
        gold=list(gold.values()),
    )


def _relabelled(row: Row, by_person: Row | None) -> Row:
    if by_person is None:
        return row
    # A rating that says the other thing is the other opinion's.
    rating = row.rating if row.sentiment == by_person.sentiment else ""
    return replace(row, sentiment=by_person.sentiment, rating=rating)


def _read(labels: Path) -> dict[str, Row]:
    rows = list(read_rows(labels))
    for row in rows:
        if fault := row.fault():
            raise CorpusError(f"{labels}, row {row.number}: {fault}")
    settled, _both_ways = sort_out(rows)
    return settled


def without_gold(dataset: Dataset, gold: Path) -> Dataset:
    """The dataset less the texts of a gold file that an earlier version kept from training."""
    kept = _keys(gold)
    return replace(dataset, rows=[row for row in dataset.rows if text_key(row.review) not in kept])


def _keys(path: Path) -> Collection[str]:
    return {text_key(row.review) for row in read_rows(path)}
