"""A linear n-gram model as plain arrays, and n-grams packed into numbers."""

import itertools
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
    is_symbol,
    tokenize,
)

# A token takes 21 bits, its number and whether it is negated, so that three fit into 63 bits.
TOKEN_BITS = 21
NEGATED_BIT = 1 << (TOKEN_BITS - 1)
_NUMBER = NEGATED_BIT - 1
_UNKNOWN = _NUMBER  # no token has this number, so no model has an n-gram with it
MAX_TOKENS = _UNKNOWN - 1
# Every vocabulary begins with the function tokens, so a token's number gives its kind.
_LAST_MARK = len(MARKS)
_LAST_NEGATOR = _LAST_MARK + len(NEGATORS)
_LAST_STOPPER = len(FUNCTION_TOKENS)
_KNOWN, _MARK, _SYMBOL = 1, 2, 3

Keys = NDArray[np.int64]
Places = NDArray[np.int64]
Counting = Literal["binary", "count", "log"]


def negation_mask(ids: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which tokens are negated, as ``text.negation_scope`` does, shape (n,)."""
    is_plain = (ids <= 0) | (ids > _LAST_STOPPER)
    reached = np.zeros(len(ids), bool)
    front = (ids > _LAST_MARK) & (ids <= _LAST_NEGATOR)
    for step in range(1, NEGATION_REACH + 1):
        front = front[:-1] & is_plain[step:]
        reached[step:] |= front
    return reached


def ngram_keys(ids: NDArray[np.int64], max_n: int) -> Keys:
    """Pack every n-gram of a token sequence: all words, then all pairs, then all triples.

    Parameters
    ----------
    ids : int64 array, shape (n_tokens,)
        Token numbers from 1; 0 for a token that is not in the vocabulary.
    max_n : int
        Words in the longest n-gram, 1 to 3. With 1, negation is ignored.

    Returns
    -------
    keys : int64 array
        The tokens' numbers side by side, those of negated words with ``NEGATED_BIT``. An n-gram
        with an unknown token gets a key that no model has.
    """
    numbers = np.where(ids > 0, ids, _UNKNOWN)
    if max_n > 1:
        numbers[negation_mask(ids)] |= NEGATED_BIT
    grams = [numbers]
    for n in range(2, min(max_n, len(ids)) + 1):
        grams.append((grams[-1][:-1] << TOKEN_BITS) | numbers[n - 1 :])
    return np.concatenate(grams)


def pack_ngrams(ids: NDArray[np.int64], max_n: int) -> tuple[Keys, NDArray[np.intp]]:
    """Pack the n-grams without unknown tokens.

    Parameters are those of ``ngram_keys``.

    Returns
    -------
    keys : int64 array
    starts : int array, same length
        The position of each n-gram's first token.
    """
    is_known = [ids > 0]
    for n in range(2, min(max_n, len(ids)) + 1):
        is_known.append(is_known[-1][:-1] & is_known[0][n - 1 :])
    starts = [np.flatnonzero(mask) for mask in is_known]
    return ngram_keys(ids, max_n)[np.concatenate(is_known)], np.concatenate(starts)


def is_word(keys: Keys) -> NDArray[np.bool_]:
    """Return which packed n-grams are single words."""
    return keys < 1 << TOKEN_BITS


def n_tokens(key: int) -> int:
    """Return the number of tokens of a packed n-gram."""
    return -(-key.bit_length() // TOKEN_BITS)


def pack_ngram(ngram: str, numbers: Mapping[str, int]) -> int:
    """Pack the text of an n-gram.

    Parameters
    ----------
    ngram : str
        Tokens joined by a space.
    numbers : mapping
        Each token's number.

    Returns
    -------
    int
        The n-gram's key.
    """
    key = 0
    for token in ngram.split(" "):
        number = numbers[token.removeprefix(NEGATED)]
        key = key << TOKEN_BITS | number | (NEGATED_BIT if token.startswith(NEGATED) else 0)
    return key


def unpack_key(key: int) -> tuple[int, ...]:
    """Return the token numbers of a packed n-gram, negative for negated words."""
    numbers = []
    while key:
        number = key & _NUMBER
        numbers.append(-number if key & NEGATED_BIT else number)
        key >>= TOKEN_BITS
    return tuple(reversed(numbers))


@dataclass(frozen=True)
class LinearNgrams:
    """A linear model of n-grams.

    decision(text) = intercept + sum over its n-grams of f(count) * weight / norm(text)

    Parameters
    ----------
    tokens : sequence of str
        The vocabulary, ``FUNCTION_TOKENS`` first; token ``tokens[i]`` has the number ``i + 1``.
    keys : int64 array, shape (n_features,)
        Sorted packed n-grams.
    weights : float array, shape (n_features,)
        In log-odds.
    intercept : float
        In log-odds.
    is_normalised : bool
        Whether norm(text) is the Euclidean length of all f(count) * scale, or 1.
    scales : float array, shape (n_features,), or None
        None where every scale is 1.
    counting : {"binary", "count", "log"}
        f: 1 for every n-gram present, its count, or 1 + ln(count).
    max_n : int
        Words in the longest n-gram.
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
        # Known words are function words, and words that are features.
        kinds = np.zeros(len(self.tokens) + 1, np.int8)
        kinds[_LAST_MARK + 1 : _LAST_STOPPER + 1] = _KNOWN
        kinds[self.keys[is_word(self.keys)] & _NUMBER] = _KNOWN
        kinds[1 : _LAST_MARK + 1] = _MARK
        kinds[[number for token, number in index.items() if is_symbol(token)]] = _SYMBOL
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

    # In the table's order, so that a key's position is the position of its weight.
    @cached_property
    def _table_weights(self) -> NDArray[np.floating]:
        return self.weights[self._table.order]

    @cached_property
    def _table_scales(self) -> NDArray[np.floating] | None:
        return None if self.scales is None else self.scales[self._table.order]

    def token_ids(self, tokens: Sequence[str]) -> NDArray[np.int64]:
        """Return the tokens' numbers, shape (len(tokens),); 0 for unknown tokens."""
        return np.fromiter(map(self._index.get, tokens, repeat(0)), np.int64, len(tokens))

    def ngram(self, key: int) -> str:
        """Return the text of a packed n-gram, its tokens joined by a space."""
        return " ".join(
            self.tokens[number - 1] if number > 0 else NEGATED + self.tokens[-number - 1]
            for number in unpack_key(key)
        )

    def decision(self, text: str) -> tuple[float, int, int]:
        """Return a text's decision value in log-odds, and its numbers of words and known words.

        Emoji are words only where a text has nothing else.
        """
        tokens = tokenize(text)
        ids = self.token_ids(tokens)
        _, values = self._weigh(self._table.find(ngram_keys(ids, self.max_n)))
        n_unknown, n_known, _, n_symbols = np.bincount(self._kinds[ids], minlength=4).tolist()
        if n_unknown and not text.isascii():
            unknown = itertools.compress(tokens, ids == 0)
            n_unknown -= sum(map(is_symbol, unknown))
        if not n_known + n_unknown:
            n_known = n_symbols
        return self.intercept + float(values.sum()), n_known + n_unknown, n_known

    def contributions(
        self, tokens: Sequence[str]
    ) -> tuple[Keys, NDArray[np.float64], Keys, NDArray[np.intp]]:
        """Return what each n-gram of a text contributes to its decision value.

        Parameters
        ----------
        tokens : sequence of str
            As from ``tokenize``.

        Returns
        -------
        keys : int64 array, shape (n_distinct,)
            The text's n-grams that are features, sorted.
        values : float array, shape (n_distinct,)
            In log-odds; their sum and ``intercept`` are the decision value.
        places, starts : arrays, shape (n_occurrences,)
            Each n-gram occurrence: its key, and the position of its first token.
        """
        places, starts = pack_ngrams(self.token_ids(tokens), self.max_n)
        positions, values = self._weigh(self._table.find(places))
        features = self._table.order[positions]
        order = np.argsort(features)
        return self.keys[features[order]], values[order], places, starts

    def _weigh(self, positions: Places) -> tuple[Places, NDArray[np.float64]]:
        """Return the distinct positions in the table, and each one's contribution."""
        positions = np.sort(positions)
        is_first = np.ones(len(positions), bool)
        np.not_equal(positions[1:], positions[:-1], out=is_first[1:])
        distinct = positions[is_first]
        values = self._table_weights[distinct].astype(np.float64)
        times = self._times(is_first)
        if times is not None:
            values *= times
        if self.is_normalised and len(distinct):
            values /= sqrt(self._squared_length(distinct, times))
        return distinct, values

    def _times(self, is_first: NDArray[np.bool_]) -> NDArray[np.float64] | None:
        """Return f of the counts; None if every f is 1."""
        if self.counting == "binary":
            return None
        times = np.diff(np.flatnonzero(is_first), append=len(is_first)).astype(np.float64)
        return times if self.counting == "count" else 1 + np.log(times)

    def _squared_length(self, positions: Places, times: NDArray[np.float64] | None) -> float:
        if self._table_scales is None:
            return len(positions) if times is None else float(times @ times)
        squares = self._table_scales[positions].astype(np.float64) ** 2
        return float(squares.sum() if times is None else squares @ times**2)
