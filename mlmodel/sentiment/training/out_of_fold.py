"""Out-of-fold predictions of a training as a table."""

import csv
import io

import numpy as np
from numpy.typing import NDArray

from mlmodel.sentiment.data.corpus import Corpus, text_hash

COLUMNS = ("text_key", "movie", "label", "p_positive")


def as_csv(corpus: Corpus, p_positive: NDArray[np.float64]) -> str:
    """Return a CSV with a row for every review: its hash, movie, label and probability.

    Parameters
    ----------
    corpus : Corpus
        n reviews. Their texts stay out: ``text_hash`` names them, as in ``held_out.csv.gz``.
    p_positive : float array, shape (n,)
        By models that were trained on no review of the same movie.
    """
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    for text, movie, label, p in zip(
        corpus.texts, corpus.movies, corpus.labels, p_positive, strict=True
    ):
        writer.writerow([text_hash(text), movie, "positive" if label else "negative", f"{p:.6f}"])
    return file.getvalue()
