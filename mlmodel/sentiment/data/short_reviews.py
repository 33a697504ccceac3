"""Short reviews, written for this project: what visitors write, and corpora do not contain."""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mlmodel.sentiment.data.corpus import Corpus
from mlmodel.sentiment.errors import CorpusError

COLUMNS = ("review", "sentiment", "device", "writer", "part")
SENTIMENTS = ("positive", "negative", "mixed")
# The part "test" consists of all reviews of some writers, and no training uses it.
PARTS = ("train", "test")
WEIGHT = 3.0  # of a short review in a training, a long one being 1; tuned, see data/README.md

Part = Literal["train", "test"]


@dataclass(frozen=True)
class ShortReviews:
    """n short reviews with a clear label, and some whose label is disputed.

    Parameters
    ----------
    texts : list of str, length n
    labels : bool array, shape (n,)
        True for a positive review.
    writers, devices : list of str, length n
        Who wrote the review, and the rhetorical device: "irony", "understatement".
    ambiguous : list of str
        Reviews that two readers label differently.
    """

    texts: list[str]
    labels: NDArray[np.bool_]
    writers: list[str]
    devices: list[str]
    ambiguous: list[str]

    def __len__(self) -> int:
        return len(self.texts)

    def added_to(self, corpus: Corpus, *, weight: float) -> tuple[Corpus, NDArray[np.float64]]:
        """Append the reviews to a corpus.

        Parameters
        ----------
        corpus : Corpus
            m reviews.
        weight : float
            Of each short review; those of the corpus weigh 1.

        Returns
        -------
        corpus : Corpus
            m + n reviews. In place of a movie, a short review has its writer, so that all
            reviews of a writer are in one fold.
        weights : float array, shape (m + n,)
        """
        n = len(self)
        return Corpus(
            texts=[*corpus.texts, *self.texts],
            labels=np.concatenate([corpus.labels, self.labels]),
            movies=[*corpus.movies, *(f"writer {writer}" for writer in self.writers)],
            ratings=[*corpus.ratings, *[None] * n],
        ), np.concatenate([np.ones(len(corpus)), np.full(n, weight)])


def read_short_reviews(path: Path, *, part: Part) -> ShortReviews:
    """Read a part of a file of short reviews.

    Parameters
    ----------
    path : Path
        CSV with the columns ``COLUMNS``.
    part : {"train", "test"}

    Returns
    -------
    ShortReviews

    Raises
    ------
    CorpusError
        If the file is missing, or a column, or a value is not one of those allowed.
    """
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            reader = csv.DictReader(stream)
            missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
            if missing:
                raise CorpusError(f"{path} has no column {missing[0]!r}")
            rows = list(reader)
    except (OSError, UnicodeDecodeError) as error:
        raise CorpusError(f"cannot read {path}: {error}") from error
    for number, row in enumerate(rows, start=2):
        for name, allowed in (("sentiment", SENTIMENTS), ("part", PARTS)):
            if row[name] not in allowed:
                raise CorpusError(
                    f"{path}, row {number}: {name} is {row[name]!r}, not {' or '.join(allowed)}"
                )
        if not row["review"].strip():
            raise CorpusError(f"{path}, row {number}: the review is empty")
    rows = [row for row in rows if row["part"] == part]
    clear = [row for row in rows if row["sentiment"] != "mixed"]
    return ShortReviews(
        texts=[row["review"] for row in clear],
        labels=np.array([row["sentiment"] == "positive" for row in clear], dtype=bool),
        writers=[row["writer"] for row in clear],
        devices=[row["device"] for row in clear],
        ambiguous=[row["review"] for row in rows if row["sentiment"] == "mixed"],
    )
