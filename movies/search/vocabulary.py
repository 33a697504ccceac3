"""The words of the catalogue, from which search corrects typing errors."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from movies.models import MAX_WORD_CHARS, Movie, SearchWord
from movies.search import index

LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789'-"
MIN_CHARS = 3  # a shorter word has too many neighbours
TWO_TYPOS_FROM = 7  # letters: «leonrado», «schwarzeneger»
MAX_CORRECTIONS = 8
BATCH_SIZE = 900  # SQLite accepts 999 parameters per query
_EDGES = re.compile(r"^\W+|\W+$")


def add_words(movies: Iterable[Movie]) -> None:
    """Add the words of these movies; words of deleted movies stay and do no harm."""
    words = set(chain.from_iterable(split_words(movie.search_key) for movie in movies))
    # Sorted, so that concurrent imports wait for each other instead of deadlocking.
    for batch in _batches(sorted(words)):
        new = set(batch) - stored_words(batch)
        SearchWord.objects.bulk_create(
            [SearchWord(text=word) for word in sorted(new)], ignore_conflicts=True
        )


def split_words(key: str) -> set[str]:
    """Return the words of a search key without the punctuation around them."""
    words = (_EDGES.sub("", word) for word in key.split())
    return {word for word in words if MIN_CHARS <= len(word) <= MAX_WORD_CHARS}


def stored_words(words: Sequence[str]) -> set[str]:
    """Return those of the words that are in the vocabulary."""
    stored = SearchWord.objects.values_list("text", flat=True)
    return set(chain.from_iterable(stored.filter(text__in=batch) for batch in _batches(words)))


def corrections(word: str) -> list[str]:
    """Return the words within one typo, or two for a long word; the nearest come first."""
    if not MIN_CHARS <= len(word) <= MAX_WORD_CHARS:
        return []
    matches = sorted(stored_words(list(one_typo_from(word))))
    if not matches and len(word) >= TWO_TYPOS_FROM:
        similar = index.similar_words(word)
        matches = [other for other in similar if typos_between(word, other) <= 2]
    # The first letter and the length are right in most mistyped words.
    matches.sort(key=lambda other: (other[0] != word[0], abs(len(other) - len(word)), other))
    return matches[:MAX_CORRECTIONS]


def one_typo_from(word: str) -> set[str]:
    """Return the word with one letter added, removed, replaced, or swapped with the next."""
    halves = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    variants = {a + b[1:] for a, b in halves if b}
    variants |= {a + b[1] + b[0] + b[2:] for a, b in halves if len(b) > 1}
    for letter in LETTERS:
        variants |= {a + letter + b for a, b in halves}
        variants |= {a + letter + b[1:] for a, b in halves if b}
    return variants - {word}


def typos_between(one: str, other: str) -> int:
    """Return the number of letters to add, remove, replace or swap to turn one into the other.

    Source: F. J. Damerau (1964), Commun. ACM 7, 171-176, as optimal string alignment.
    """
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, start=1):
        last, before, row = before, row, [i]
        for j, b in enumerate(other, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and b == one[i - 2]:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return row[-1]


def _batches(words: Sequence[str]) -> Iterator[Sequence[str]]:
    return (words[at : at + BATCH_SIZE] for at in range(0, len(words), BATCH_SIZE))
