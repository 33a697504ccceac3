"""Labels set by people on the site: some for training, the gold ones for evaluation."""

from dataclasses import replace
from pathlib import Path

from mlmodel.sentiment.data.corpus import Row, order_of, read_rows, read_usable_rows, text_key
from mlmodel.sentiment.data.datasets import Dataset, sort_out
from mlmodel.sentiment.features.text import repair_windows_1252

GOLD_SHARE = 0.2
# Used for nothing else, so that gold is independent of other splits. It must never change, or a
# model would be evaluated with reviews on which an earlier one was trained.
GOLD_SEED = 2_718_281


def is_gold(key: str) -> bool:
    """Return whether a text with a human label is kept out of training.

    Parameters
    ----------
    key : str
        The text's ``text_key``, on which alone it depends.
    """
    return order_of(GOLD_SEED, key) < GOLD_SHARE


def with_human_labels(dataset: Dataset, labels: Path) -> Dataset:
    """Add labels that people have set to a dataset version.

    Parameters
    ----------
    dataset : Dataset
        As ``build_version`` made it.
    labels : Path
        CSV as ``read_corpus`` takes it, with the human label as sentiment.

    Returns
    -------
    Dataset
        A human label replaces the source's. A share of about ``GOLD_SHARE`` of the reviews
        with human labels are its ``gold``, and are not among its rows. A text that people
        labelled both ways keeps the source's label.

    Raises
    ------
    CorpusError
        If the file cannot be read or has an unusable row.
    """
    labelled, _both_ways = sort_out(read_usable_rows(labels))
    gold = {key: row for key, row in labelled.items() if is_gold(key)}
    kept = {_site_key(row.review) for row in gold.values()}
    fresh = {_site_key(row.review): row for key, row in labelled.items() if key not in gold}
    rows = []
    for row in dataset.rows:
        key = _site_key(row.review)
        if key not in kept:
            rows.append(_relabelled(row, fresh.pop(key, None)))
    return replace(
        dataset,
        rows=[*rows, *fresh.values()],
        n_human_labels=len(labelled) - len(gold),
        gold=list(gold.values()),
    )


def _site_key(text: str) -> str:
    """Return the ``text_key`` of a review as the site stores it, which repairs its characters."""
    return text_key(repair_windows_1252(text))


def _relabelled(row: Row, by_person: Row | None) -> Row:
    if by_person is None:
        return row
    # With another label, the rating is of another opinion.
    rating = row.rating if row.sentiment == by_person.sentiment else ""
    return replace(row, sentiment=by_person.sentiment, rating=rating)


def without_gold(dataset: Dataset, gold: Path) -> Dataset:
    """Leave out texts that an earlier version keeps out of training.

    Parameters
    ----------
    dataset : Dataset
    gold : Path
        The earlier version's gold file.

    Returns
    -------
    Dataset

    Raises
    ------
    CorpusError
        If the file cannot be read.
    """
    kept = {_site_key(row.review) for row in read_rows(gold)}
    return replace(dataset, rows=[row for row in dataset.rows if _site_key(row.review) not in kept])
