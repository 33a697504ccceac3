"""Finding many numbers in a large table at once."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

# A multiplier whose product's high bits look random (Fibonacci hashing: 2 ** 64 / golden ratio).
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)


class NgramHashTable:
    """Where each of many distinct keys stands.

    Keys are kept in the order of their hash, so that a look-up reads the few that share a
    bucket, which lie side by side. A binary search over half a million keys reads nineteen,
    far apart, and takes five times as long.

    Parameters
    ----------
    keys : int64 array, shape (n,)
        Distinct and not negative.

    Attributes
    ----------
    order : int32 array, shape (n,)
        ``keys[order]`` is how the table keeps them; ``find`` gives places in it.
    """

    def __init__(self, keys: NDArray[np.int64]) -> None:
        self._bits = max(1, int(np.ceil(np.log2(len(keys) + 1))))
        buckets = self._bucket(keys)
        sizes = np.bincount(buckets, minlength=1 << self._bits)
        self._starts = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int32)
        self.order = np.argsort(buckets, kind="stable").astype(np.int32)
        self._width_bits = int(np.ceil(np.log2(sizes.max(initial=1))))
        width = 1 << self._width_bits
        # Padded with a number that is no key, so that every bucket has a whole window.
        padding = np.full(width, -1, np.int64)
        self._windows = sliding_window_view(np.concatenate([keys[self.order], padding]), width)

    def _bucket(self, keys: NDArray[np.int64]) -> NDArray[np.int64]:
        return ((keys.view(np.uint64) * _MULTIPLIER) >> np.uint64(64 - self._bits)).view(np.int64)

    def find(self, keys: NDArray[np.int64]) -> NDArray[np.int64]:
        """The places of those keys that are in the table, shape (n_found,), in their order.

        Parameters
        ----------
        keys : int64 array, shape (m,)
        """
        starts = self._starts[self._bucket(keys)]
        hits = np.flatnonzero(self._windows[starts] == keys[:, None])
        asked = hits >> self._width_bits
        return starts[asked] + (hits & ((1 << self._width_bits) - 1))
