"""The n-grams of a corpus as a sparse matrix, built from packed numbers instead of strings."""

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from mlmodel.sentiment.features.linear import Keys, LinearNgrams, pack_ngrams
from mlmodel.sentiment.features.text import FUNCTION_TOKENS, tokenize


def build_vocabulary(texts: Sequence[str], *, min_df: int) -> list[str]:
    """Build a vocabulary.

    Parameters
    ----------
    texts : sequence of str
    min_df : int
        Number of texts in which a word must occur.

    Returns
    -------
    list of str
        ``FUNCTION_TOKENS``, then the other words, sorted.
    """
    document_frequency: Counter[str] = Counter()
    for text in texts:
        document_frequency.update(set(tokenize(text)))
    return in_order(token for token, df in document_frequency.items() if df >= min_df)


def in_order(tokens: Iterable[str]) -> list[str]:
    """Return a vocabulary in order: ``FUNCTION_TOKENS``, then the other words, sorted."""
    return [*FUNCTION_TOKENS, *sorted(set(tokens) - set(FUNCTION_TOKENS))]


def ngram_matrix(
    texts: Sequence[str], tokens: Sequence[str], *, max_n: int, min_df: int
) -> tuple[csr_matrix, Keys]:
    """Find the n-grams that each text contains.

    Parameters
    ----------
    texts : sequence of str, length n
    tokens : sequence of str
        The vocabulary; n-grams with other tokens are left out.
    max_n : int
        Words in the longest n-gram.
    min_df : int
        Number of texts in which an n-gram must occur to become a feature.

    Returns
    -------
    matrix : csr_matrix of float32, shape (n, n_features)
        1 where the text contains the n-gram.
    keys : int64 array, shape (n_features,)
        The columns' packed n-grams, sorted.
    """
    rows = distinct_keys(texts, tokens, max_n=max_n)
    keys, df = np.unique(np.concatenate(rows) if rows else np.empty(0, int), return_counts=True)
    keys = keys[df >= min_df]
    return presence_matrix(rows, keys), keys


def distinct_keys(texts: Sequence[str], tokens: Sequence[str], *, max_n: int) -> list[Keys]:
    """Return each text's distinct packed n-grams.

    Parameters
    ----------
    texts : sequence of str, length n
    tokens : sequence of str
        The vocabulary.
    max_n : int
        Words in the longest n-gram.

    Returns
    -------
    list of int64 array, length n
        Sorted.
    """
    numbering = LinearNgrams(tokens, np.empty(0, np.int64), np.empty(0), 0.0)
    return [np.unique(pack_ngrams(numbering.token_ids(tokenize(text)), max_n)[0]) for text in texts]


def presence_matrix(rows: Sequence[Keys], keys: Keys) -> csr_matrix:
    """Return which keys each row contains.

    Parameters
    ----------
    rows : sequence of int64 array, length n
    keys : int64 array, shape (n_features,)
        Sorted.

    Returns
    -------
    csr_matrix of float32, shape (n, n_features)
        1 where the row contains the key.
    """
    columns, lengths = [], np.zeros(len(rows) + 1, np.int64)
    for i, row in enumerate(rows):
        slots = np.searchsorted(keys, row)
        slots[slots == len(keys)] = 0
        present = slots[keys[slots] == row] if len(keys) else slots[:0]
        columns.append(present.astype(np.int32))
        lengths[i + 1] = len(present)
    indices = np.concatenate(columns) if columns else np.empty(0, np.int32)
    ones: NDArray[np.float32] = np.ones(len(indices), np.float32)
    return csr_matrix((ones, indices, np.cumsum(lengths)), shape=(len(rows), len(keys)))
