"""A linear n-gram model as plain arrays: what it is, on disk and in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import repeat
from math import sqrt
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mlmodel.sentiment.lookup import KeyTable
from mlmodel.sentiment.text import (
    FUNCTION_TOKENS,
    MARKS,
    MAX_N,
    NEGATED,
    NEGATION_REACH,
    NEGATORS,
    tokenize,
)

# A token takes 21 bits, so that three of them fit into one 63-bit key: its number, and
# whether it is negated.
TOKEN_BITS = 21
NEGATED_BIT = 1 << (TOKEN_BITS - 1)
MAX_TOKENS = NEGATED_BIT - 1
# Every vocabulary begins with the function tokens, so that a token's kind is seen by its number.
_LAST_MARK = len(MARKS)
_LAST_NEGATOR = _LAST_MARK + len(NEGATORS)
_LAST_STOPPER = len(FUNCTION_TOKENS)
_KNOWN, _MARK = 1, 2

Keys = NDArray[np.int64]
Counting = Literal["binary", "count", "log"]


def negation_mask(ids: NDArray[np.int64]) -> NDArray[np.bool_]:
    """``text.negation_scope`` for token numbers: which tokens a negator reaches, shape (n,)."""
    place = np.arange(len(ids))
    is_negator = (ids > _LAST_MARK) & (ids <= _LAST_NEGATOR)
    is_end = (ids > 0) & (ids <= _LAST_STOPPER) & ~is_negator
    negator = np.maximum.accumulate(np.where(is_negator, place, -NEGATION_REACH - 1))
    end = np.maximum.accumulate(np.where(is_end, place, -NEGATION_REACH - 1))
    return (negator > end) & (place > negator) & (place - negator <= NEGATION_REACH)


def pack_ngrams(ids: NDArray[np.int64], max_n: int) -> tuple[Keys, NDArray[np.intp]]:
    """One number for every n-gram of a token sequence.

    Parameters
    ----------
    ids : int64 array, shape (n_tokens,)
        Token numbers from 1; 0 is a token outside the vocabulary.
    max_n : int
        Words in the longest n-gram, 1 to 3. With 1 negation is not looked at.

    Returns
    -------
    keys : int64 array
        The tokens' numbers side by side, those of negated words with ``NEGATED_BIT``.
        N-grams with an unknown token are left out.
    starts : int array, same length
        The position of each n-gram's first token.
    """
    known = [ids > 0]
    if max_n > 1 and len(ids):
        ids = np.where(known[0] & negation_mask(ids), ids | NEGATED_BIT, ids)
    keys = [ids]
    for n in range(2, max_n + 1):
        keys.append((keys[-1][:-1] << TOKEN_BITS) | ids[n - 1 :])
        known.append(known[-1][:-1] & known[0][n - 1 :])
    starts = [np.flatnonzero(mask) for mask in known]
    return (
        np.concatenate([key[start] for key, start in zip(keys, starts, strict=True)]),
        np.concatenate(starts),
    )


def is_word(keys: Keys) -> NDArray[np.bool_]:
    """Which packed n-grams are single words."""
    return keys < 1 << TOKEN_BITS


def n_tokens(key: int) -> int:
    """How many tokens a packed n-gram has."""
    return -(-key.bit_length() // TOKEN_BITS)


def pack_ngram(ngram: str, numbers: Mapping[str, int]) -> int:
    """The packed form of an n-gram's text, by its tokens' numbers."""
    key = 0
    for token in ngram.split(" "):
        number = numbers[token.removeprefix(NEGATED)]
        key = key << TOKEN_BITS | number | (NEGATED_BIT if token.startswith(NEGATED) else 0)
    return key


def unpack_key(key: int) -> tuple[int, ...]:
    """The token numbers of an n-gram, in reading order, those of negated words below 0."""
    numbers = []
    while key:
        number = key & MAX_TOKENS
        numbers.append(-number if key & NEGATED_BIT else number)
        key >>= TOKEN_BITS
    return tuple(reversed(numbers))


@dataclass(frozen=True)
class LinearNgrams:
    """decision(text) = intercept + sum over its n-grams of f(count) * weight / norm(text).

    Attributes
    ----------
    tokens : sequence of str
        The vocabulary, ``FUNCTION_TOKENS`` first; token ``tokens[i]`` has the number ``i + 1``.
    keys : int64 array, shape (n_features,)
        Sorted packed n-grams.
    weights : float array, shape (n_features,)
        In log-odds.
    is_normalised : bool
        Whether norm(text) is the Euclidean length of all f(count) * scale, or 1.
    scales : float array, shape (n_features,), or None
        None where every scale is 1.
    counting : {"binary", "count", "log"}
        f: 1 for every n-gram present, its count, or 1 + ln(count).
    """

    tokens: Sequence[str]
    keys: Keys
    weights: NDArray[np.floating]
    intercept: float
    is_normalised: bool = True
    scales: NDArray[np.floating] | None = None
    counting: Counting = "binary"
    max_n: int = MAX_N
    _index: dict[str, int] = field(init=False, repr=False, compare=False)
    _kinds: NDArray[np.int8] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        index = {token: number for number, token in enumerate(self.tokens, start=1)}
        object.__setattr__(self, "_index", index)
        # Known vocabulary: function words, and words that are features of their own.
        kinds = np.zeros(len(self.tokens) + 1, np.int8)
        kinds[_LAST_MARK + 1 : _LAST_STOPPER + 1] = _KNOWN
        kinds[self.keys[is_word(self.keys)] & MAX_TOKENS] = _KNOWN
        kinds[1 : _LAST_MARK + 1] = _MARK
        object.__setattr__(self, "_kinds", kinds)

    @property
    def n_features(self) -> int:
        return len(self.keys)

    @cached_property
    def _table(self) -> KeyTable:
        return KeyTable(self.keys)

    @cached_property
    def _double_weights(self) -> NDArray[np.float64]:
        return self.weights.astype(np.float64)

    @cached_property
    def _squared_scales(self) -> NDArray[np.float64] | None:
        return None if self.scales is None else self.scales.astype(np.float64) ** 2

    def token_ids(self, tokens: Sequence[str]) -> NDArray[np.int64]:
        """The tokens' numbers, shape (len(tokens),); 0 where the vocabulary lacks one."""
        return np.fromiter(map(self._index.get, tokens, repeat(0)), np.int64, len(tokens))

    def ngram(self, key: int) -> str:
        """The n-gram's tokens joined by a space."""
        return " ".join(
            self.tokens[number - 1] if number > 0 else NEGATED + self.tokens[-number - 1]
            for number in unpack_key(key)
        )

    def decide(self, text: str) -> tuple[float, int, int]:
        """The decision value of a text in log-odds, its number of words and of known words."""
        ids = self.token_ids(tokenize(text))
        _, values = self._weighed(pack_ngrams(ids, self.max_n)[0])
        kinds = self._kinds[ids]
        n_words = len(ids) - int(np.count_nonzero(kinds == _MARK))
        return (
            self.intercept + float(values.sum()),
            n_words,
            int(np.count_nonzero(kinds == _KNOWN)),
        )

    def contributions(
        self, tokens: Sequence[str]
    ) -> tuple[Keys, NDArray[np.float64], Keys, NDArray[np.intp]]:
        """What each n-gram of a text adds to its decision value.

        Returns
        -------
        keys : int64 array, shape (n_distinct,)
            The text's n-grams that the model knows, sorted.
        values : float array, shape (n_distinct,)
            Log-odds; with ``intercept`` they add up to the decision value.
        places, starts : arrays, shape (n_occurrences,)
            Every n-gram occurrence: its key, and its first token's position.
        """
        places, starts = pack_ngrams(self.token_ids(tokens), self.max_n)
        keys, values = self._weighed(places)
        return keys, values, places, starts

    def _weighed(self, keys: Keys) -> tuple[Keys, NDArray[np.float64]]:
        distinct, counts = np.unique(keys, return_counts=True)
        asked, slots = self._table.find(distinct)
        values = self._double_weights[slots]
        times = self._times(counts[asked])
        if times is not None:
            values *= times
        if self.is_normalised and len(slots):
            values /= sqrt(self._squared_length(slots, times))
        return distinct[asked], values

    def _times(self, counts: NDArray[np.intp]) -> NDArray[np.float64] | None:
        """f of the counts; None where it is 1."""
        if self.counting == "binary":
            return None
        times = counts.astype(np.float64)
        return times if self.counting == "count" else 1 + np.log(times)

    def _squared_length(self, slots: NDArray[np.int32], times: NDArray[np.float64] | None) -> float:
        if self._squared_scales is None:
            return len(slots) if times is None else float(times @ times)
        squares = self._squared_scales[slots]
        return float(squares.sum() if times is None else squares @ times**2)
