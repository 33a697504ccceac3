"""Near-duplicate reviews: candidates by min-hashing, then an exact comparison."""

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from mlmodel.sentiment.features.text import words

THRESHOLD = 0.8
SHINGLE_WORDS = 3
TOKEN_BITS = 21  # three words side by side in one 63-bit number
# Two reviews are candidates if all four hashes of any of the 16 bands agree: of pairs with a
# similarity of 0.8, 2 in 10,000 are missed; of pairs with 0.3, one in eight is a candidate.
N_BANDS, N_ROWS = 16, 4

Pair = tuple[int, int, float]
Hashes = NDArray[np.uint64]


def near_duplicates(texts: Sequence[str], *, threshold: float = THRESHOLD) -> list[Pair]:
    """Find pairs of texts that share most of their runs of ``SHINGLE_WORDS`` words.

    Parameters
    ----------
    texts : sequence of str, length n
    threshold : float, 0.0-1.0
        Least Jaccard similarity of the two sets of runs.

    Returns
    -------
    list of (i, j, similarity)
        With i < j, sorted. Texts without words are in no pair.

    Notes
    -----
    Source: A. Z. Broder (1997), On the resemblance and containment of documents, Proc.
    Compression and Complexity of Sequences, 21-29.
    """
    shingles = _shingles(texts)
    numbered = [i for i, runs in enumerate(shingles) if len(runs)]
    if len(numbered) < 2:
        return []
    signatures = _signatures([shingles[i] for i in numbered])
    pairs = []
    for first, second in sorted(set(_candidates(signatures))):
        i, j = numbered[first], numbered[second]
        similarity = _jaccard(shingles[i], shingles[j])
        if similarity >= threshold:
            pairs.append((i, j, similarity))
    return pairs


def _shingles(texts: Sequence[str]) -> list[NDArray[np.int64]]:
    numbers: dict[str, int] = {}
    shingles = []
    for text in texts:
        ids = [numbers.setdefault(word, len(numbers) + 1) for word in words(text)]
        shingles.append(_packed(np.array(ids, np.int64)))
    return shingles


def _packed(ids: NDArray[np.int64]) -> NDArray[np.int64]:
    n = max(len(ids) - SHINGLE_WORDS + 1, min(len(ids), 1))  # a text of one or two words is one run
    packed = np.zeros(n, np.int64)
    for offset in range(min(SHINGLE_WORDS, len(ids))):
        packed = (packed << TOKEN_BITS) | ids[offset : offset + n]
    return np.unique(packed)


def _signatures(shingles: Sequence[NDArray[np.int64]]) -> Hashes:
    """Return each text's least value of each hash, shape (n, bands * rows)."""
    starts = np.cumsum([0, *map(len, shingles[:-1])])
    scrambled = _scramble(np.concatenate(shingles).astype(np.uint64))
    random = np.random.default_rng(0)
    signatures = np.empty((len(shingles), N_BANDS * N_ROWS), np.uint64)
    for column in range(N_BANDS * N_ROWS):
        odd, shift = random.integers(0, 2**64, 2, dtype=np.uint64)
        hashed = scrambled * (odd | np.uint64(1)) + shift
        signatures[:, column] = np.minimum.reduceat(hashed, starts)
    return signatures


def _scramble(values: Hashes) -> Hashes:
    """Hash numbers so that neighbours get unrelated values. Source: SplitMix64, S. Vigna."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def _candidates(signatures: Hashes) -> Iterator[tuple[int, int]]:
    for band in range(N_BANDS):
        rows = signatures[:, band * N_ROWS : (band + 1) * N_ROWS]
        key = rows[:, 0]
        for column in range(1, N_ROWS):
            key = _scramble(key) + rows[:, column]
        order = np.argsort(key, kind="stable")
        ends = np.flatnonzero(np.diff(key[order])) + 1
        for bucket in np.split(order, ends):
            if len(bucket) > 1:
                yield from combinations(sorted(bucket.tolist()), 2)


def _jaccard(first: NDArray[np.int64], second: NDArray[np.int64]) -> float:
    shared = len(np.intersect1d(first, second, assume_unique=True))
    return shared / (len(first) + len(second) - shared)
