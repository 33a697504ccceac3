"""A hash table of packed n-grams, for many look-ups at once."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

# A multiplier whose product's high bits look random (Fibonacci hashing: 2 ** 64 / golden ratio).
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)


class NgramHashTable:
    """Positions of many distinct keys.

    Keys are stored in the order of their hash, so that a look-up reads the few adjacent keys of a
    bucket. A binary search over half a million keys reads nineteen that are far apart, and takes
    five times as long.

    Parameters
    ----------
    keys : int64 array, shape (n,)
        Distinct and not negative.

    Attributes
    ----------
    order : int32 array, shape (n,)
        ``keys[order]`` is the table's order; ``find`` returns positions in it.
    """

    def __init__(self, keys: NDArray[np.int64]) -> None:
        self._bits = max(1, int(np.ceil(np.log2(len(keys) + 1))))
        buckets = self._bucket(keys)
        sizes = np.bincount(buckets, minlength=1 << self._bits)
        self._starts = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int32)
        self.order = np.argsort(buckets, kind="stable").astype(np.int32)
        self._width_bits = int(np.ceil(np.log2(sizes.max(initial=1))))
        width = 1 << self._width_bits
        # Padded with -1, which is no key, so that the last bucket has a whole window, too.
        padding = np.full(width, -1, np.int64)
        self._windows = sliding_window_view(np.concatenate([keys[self.order], padding]), width)

    def _bucket(self, keys: NDArray[np.int64]) -> NDArray[np.int64]:
        return ((keys.view(np.uint64) * _MULTIPLIER) >> np.uint64(64 - self._bits)).view(np.int64)

    def find(self, keys: NDArray[np.int64]) -> NDArray[np.int64]:
        """Look up keys.

        Parameters
        ----------
        keys : int64 array, shape (m,)

        Returns
        -------
        int64 array, shape (n_hits,)
            Positions of the keys that are in the table, in the order of ``keys``.
        """
        starts = self._starts[self._bucket(keys)]
        hits = np.flatnonzero(self._windows[starts] == keys[:, None])
        rows = hits >> self._width_bits
        return starts[rows] + (hits & ((1 << self._width_bits) - 1))
