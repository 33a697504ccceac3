"""What a training found out about its own reviews, as a table for later study."""

import csv
import io

import numpy as np
from numpy.typing import NDArray

from mlmodel.sentiment.data.corpus import Corpus, text_hash

COLUMNS = ("text_key", "film", "label", "p_positive")


def as_csv(corpus: Corpus, p_positive: NDArray[np.float64]) -> str:
    """One row for every review: which it is, its film, its label and its reading.

    Parameters
    ----------
    corpus : Corpus
        n reviews. Their texts stay out: ``text_hash`` names them, as in ``held_out.csv.gz``.
    p_positive : float array, shape (n,)
        By a model that saw no review of the same film.
    """
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    for text, film, label, p in zip(
        corpus.texts, corpus.movies, corpus.labels, p_positive, strict=True
    ):
        writer.writerow([text_hash(text), film, "positive" if label else "negative", f"{p:.6f}"])
    return file.getvalue()
