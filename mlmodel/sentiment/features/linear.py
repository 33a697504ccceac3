"""A linear n-gram model as plain arrays: what it is, on disk and in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import repeat
from math import sqrt
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mlmodel.sentiment.features.hash_table import NgramHashTable
from mlmodel.sentiment.features.text import (
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
_NUMBER = NEGATED_BIT - 1
_UNKNOWN = _NUMBER  # no token's number, so that no model holds an n-gram with it
MAX_TOKENS = _UNKNOWN - 1
# Every vocabulary begins with the function tokens, so that a token's kind is seen by its number.
_LAST_MARK = len(MARKS)
_LAST_NEGATOR = _LAST_MARK + len(NEGATORS)
_LAST_STOPPER = len(FUNCTION_TOKENS)
_KNOWN, _MARK = 1, 2

Keys = NDArray[np.int64]
Places = NDArray[np.int64]
Counting = Literal["binary", "count", "log"]


def negation_mask(ids: NDArray[np.int64]) -> NDArray[np.bool_]:
    """``text.negation_scope`` for token numbers: which tokens a negator reaches, shape (n,)."""
    is_plain = (ids <= 0) | (ids > _LAST_STOPPER)
    reached = np.zeros(len(ids), bool)
    front = (ids > _LAST_MARK) & (ids <= _LAST_NEGATOR)
    for step in range(1, NEGATION_REACH + 1):
        front = front[:-1] & is_plain[step:]
        reached[step:] |= front
    return reached


def ngram_keys(ids: NDArray[np.int64], max_n: int) -> Keys:
    """One number for every n-gram of a token sequence: all words, then all pairs, then triples.

    Parameters
    ----------
    ids : int64 array, shape (n_tokens,)
        Token numbers from 1; 0 is a token outside the vocabulary.
    max_n : int
        Words in the longest n-gram, 1 to 3. With 1 negation is not looked at.

    Returns
    -------
    keys : int64 array
        The tokens' numbers side by side, those of negated words with ``NEGATED_BIT``. An n-gram
        with an unknown token has a key that no model holds.
    """
    numbers = np.where(ids > 0, ids, _UNKNOWN)
    if max_n > 1:
        numbers[negation_mask(ids)] |= NEGATED_BIT
    grams = [numbers]
    for n in range(2, min(max_n, len(ids)) + 1):
        grams.append((grams[-1][:-1] << TOKEN_BITS) | numbers[n - 1 :])
    return np.concatenate(grams)


def pack_ngrams(ids: NDArray[np.int64], max_n: int) -> tuple[Keys, NDArray[np.intp]]:
    """The ``ngram_keys`` of n-grams without an unknown token, and where each starts.

    Returns
    -------
    keys : int64 array
    starts : int array, same length
        The position of each n-gram's first token.
    """
    known = [ids > 0]
    for n in range(2, min(max_n, len(ids)) + 1):
        known.append(known[-1][:-1] & known[0][n - 1 :])
    starts = [np.flatnonzero(mask) for mask in known]
    return ngram_keys(ids, max_n)[np.concatenate(known)], np.concatenate(starts)


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
        number = key & _NUMBER
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
        kinds[self.keys[is_word(self.keys)] & _NUMBER] = _KNOWN
        kinds[1 : _LAST_MARK + 1] = _MARK
        object.__setattr__(self, "_kinds", kinds)

    def __getstate__(self) -> dict[str, Any]:
        # Without the look-up tables, which are views many times their size, and rebuilt on use.
        return {name: value for name, value in vars(self).items() if not name.startswith("_table")}

    @property
    def n_features(self) -> int:
        """Number of n-grams."""
        return len(self.keys)

    @cached_property
    def _table(self) -> NgramHashTable:
        return NgramHashTable(self.keys)

    # As the table keeps the keys, so that a place found is the place of its weight, too.
    @cached_property
    def _table_weights(self) -> NDArray[np.floating]:
        return self.weights[self._table.order]

    @cached_property
    def _table_scales(self) -> NDArray[np.floating] | None:
        return None if self.scales is None else self.scales[self._table.order]

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
        _, values = self._weigh(self._table.find(ngram_keys(ids, self.max_n)))
        kinds = np.bincount(self._kinds[ids], minlength=3)
        return (
            self.intercept + float(values.sum()),
            len(ids) - int(kinds[_MARK]),
            int(kinds[_KNOWN]),
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
        found, values = self._weigh(self._table.find(places))
        features = self._table.order[found]
        order = np.argsort(features)
        return self.keys[features[order]], values[order], places, starts

    def _weigh(self, found: Places) -> tuple[Places, NDArray[np.float64]]:
        """The distinct ones among a text's places in the table, and what each adds to its value."""
        found = np.sort(found)
        is_first = np.ones(len(found), bool)
        np.not_equal(found[1:], found[:-1], out=is_first[1:])
        distinct = found[is_first]
        values = self._table_weights[distinct].astype(np.float64)
        times = self._times(is_first)
        if times is not None:
            values *= times
        if self.is_normalised and len(distinct):
            values /= sqrt(self._squared_length(distinct, times))
        return distinct, values

    def _times(self, is_first: NDArray[np.bool_]) -> NDArray[np.float64] | None:
        """f of the counts; None where it is 1."""
        if self.counting == "binary":
            return None
        times = np.diff(np.flatnonzero(is_first), append=len(is_first)).astype(np.float64)
        return times if self.counting == "count" else 1 + np.log(times)

    def _squared_length(self, found: Places, times: NDArray[np.float64] | None) -> float:
        if self._table_scales is None:
            return len(found) if times is None else float(times @ times)
        squares = self._table_scales[found].astype(np.float64) ** 2
        return float(squares.sum() if times is None else squares @ times**2)
