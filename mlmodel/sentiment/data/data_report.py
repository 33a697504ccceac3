"""A report on a dataset version: counts and hashes, but no text of a review."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from mlmodel.sentiment.data.corpus import (
    SPLIT_SEED,
    Corpus,
    Row,
    grouped_split,
    text_hash,
    to_corpus,
)
from mlmodel.sentiment.data.datasets import SIZES, Dataset
from mlmodel.sentiment.data.near_duplicates import THRESHOLD, Pair, near_duplicates
from mlmodel.sentiment.errors import CorpusError
from mlmodel.sentiment.features.text import words

QUANTILES = {
    "shortest": 0,
    "5 %": 5,
    "25 %": 25,
    "median": 50,
    "75 %": 75,
    "95 %": 95,
    "longest": 100,
}
MAX_PAIRS = 20
_QUOTED = re.compile(r"'.*'|\".*\"", re.DOTALL)


def report_on(dataset: Dataset, md5: str) -> str:
    """Return a report in Markdown on a dataset version.

    Parameters
    ----------
    dataset : Dataset
    md5 : str
        Of the dataset's file.
    """
    lines = [
        f"# Dataset version {dataset.version}",
        "",
        f"The file's md5: `{md5}`",
        "",
        *_rows(dataset),
        *_lengths(dataset.rows),
        *_near_duplicates(dataset.rows),
        *_quarantine(dataset),
    ]
    return "\n".join(lines) + "\n"


def measure(corpus: Corpus) -> dict[str, float]:
    """Return the figures by which two datasets are compared.

    Parameters
    ----------
    corpus : Corpus

    Returns
    -------
    dict
        Numbers of reviews, movies and near-duplicate pairs, the share of positive reviews and the
        median length in words.

    Raises
    ------
    CorpusError
        If the reviews cannot be split.

    Examples
    --------
    >>> from mlmodel.sentiment import read_corpus
    >>> measure(read_corpus("data/demo_reviews.csv"))["positive_share"]
    0.6444
    """
    pairs = near_duplicates(corpus.texts)
    _, held_out = grouped_split(corpus, seed=SPLIT_SEED)
    return {
        "reviews": len(corpus),
        "positive_share": round(float(corpus.labels.mean()), 4),
        "held_out": len(held_out),
        "movies": len(set(corpus.movies) - {""}),
        "without_a_movie": corpus.movies.count(""),
        "median_words": float(np.median([len(words(text)) for text in corpus.texts])),
        "near_duplicates": len(pairs),
        "near_duplicates_across_the_split": _n_across(corpus.texts, held_out, pairs),
    }


def _table(*rows: Sequence[object]) -> list[str]:
    cells = [[f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in row] for row in rows]
    lines = ["| " + " | ".join(row) + " |" for row in cells]
    return [lines[0], "| --- " + "| ---: " * (len(cells[0]) - 1) + "|", *lines[1:], ""]


def _rows(dataset: Dataset) -> Iterator[str]:
    n, n_positive = len(dataset.rows), dataset.n_positive
    movies = {row.imdb_id for row in dataset.rows} - {""}
    yield from _table(
        ("rows", "number"),
        ("in the source", dataset.n_source),
        ("in quarantine", len(dataset.quarantine)),
        ("copies left out", dataset.n_duplicates),
        ("in this version", n),
        ("fewer than the version's size", dataset.shortfall if SIZES[dataset.version] else 0),
        ("positive", f"{n_positive:,} ({n_positive / n:.1%})"),
        ("negative", f"{n - n_positive:,} ({(n - n_positive) / n:.1%})"),
        ("movies", len(movies)),
        ("without a movie", sum(not row.imdb_id for row in dataset.rows)),
    )


def _lengths(rows: Sequence[Row]) -> Iterator[str]:
    yield from ("## Lengths", "")
    table: list[tuple[object, ...]] = [("", *QUANTILES)]
    for name, lengths in (
        ("words", [len(words(row.review)) for row in rows]),
        ("characters", [len(row.review) for row in rows]),
    ):
        values = np.percentile(lengths, list(QUANTILES.values()), method="nearest")
        table.append((name, *map(int, values)))
    yield from _table(*table)


def _near_duplicates(rows: Sequence[Row]) -> Iterator[str]:
    texts = [row.review for row in rows]
    pairs = near_duplicates(texts)
    yield from ("## Near-duplicates", "")
    total = f"{len(pairs):,} in total, {_across_the_split(rows, pairs)}."
    yield f"Pairs of reviews with at least {THRESHOLD:.0%} of their runs of three words in common:"
    yield from (total, "")
    if pairs:
        shown = [
            (f"`{text_hash(texts[i])}`", f"`{text_hash(texts[j])}`", f"{similarity:.2f}")
            for i, j, similarity in sorted(pairs, key=lambda pair: -pair[2])[:MAX_PAIRS]
        ]
        yield from _table(("review", "review", "similarity"), *shown)
        if len(pairs) > MAX_PAIRS:
            yield from (f"The {MAX_PAIRS} most similar are shown.", "")


def _across_the_split(rows: Sequence[Row], pairs: Sequence[Pair]) -> str:
    try:
        _, held_out = grouped_split(to_corpus(rows), seed=SPLIT_SEED)
    except CorpusError as error:
        return f"and the data cannot be split: {error}"
    across = _n_across([row.review for row in rows], held_out, pairs)
    return (
        f"{across:,} of them with one review among the {len(held_out):,} held out "
        f"and the other among the {len(rows) - len(held_out):,} to train on"
    )


def _n_across(texts: Sequence[str], held_out: Corpus, pairs: Sequence[Pair]) -> int:
    held_out_texts = set(held_out.texts)
    return sum((texts[i] in held_out_texts) != (texts[j] in held_out_texts) for i, j, _ in pairs)


def _quarantine(dataset: Dataset) -> Iterator[str]:
    yield from ("## Quarantine", "")
    if not dataset.quarantine:
        yield "No row was set aside."
        return
    # Quoted values are removed: in rows with shifted columns they are reviews.
    reasons = Counter(_QUOTED.sub("something else", reason) for _, reason in dataset.quarantine)
    table = _table(("reason", "rows"), *reasons.most_common())
    yield from table[:-1]
