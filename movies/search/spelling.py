"""Words that films have and that somebody who mistyped may have meant."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING

from movies.search import index

if TYPE_CHECKING:
    from movies.models import Movie

LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789'-"
MIN_CHARS = 3  # «ut» may mean anything
MAX_CHARS = 40  # the catalogue's longest word has 34; each letter more is 80 more spellings
TWO_TYPOS_FROM = 7  # letters: «leonrado», «schwarzeneger»
MAX_NEAR = 8
BATCH_SIZE = 900  # SQLite takes 999 parameters a query
_EDGES = re.compile(r"^\W+|\W+$")


def words_of(key: str) -> set[str]:
    """The words of a search key, without the punctuation around them."""
    bare = (_EDGES.sub("", word) for word in key.split())
    return {word for word in bare if MIN_CHARS <= len(word) <= MAX_CHARS}


def remember(movies: Iterable["Movie"]) -> None:
    """Add the words of these films to the vocabulary; those of deleted films stay, unharmful."""
    from movies.models import SearchWord

    words = set(chain.from_iterable(words_of(movie.search_key) for movie in movies))
    # In one order, so that two imports wait for each other instead of deadlocking.
    for some in _in_batches(sorted(words)):
        new = set(some) - known(some)
        SearchWord.objects.bulk_create(
            [SearchWord(text=word) for word in sorted(new)], ignore_conflicts=True
        )


def near(word: str) -> list[str]:
    """Words of the catalogue that are one typo away, or two from a long word; nearest first."""
    if not MIN_CHARS <= len(word) <= MAX_CHARS:
        return []
    found = sorted(known(list(one_typo_from(word))))
    if not found and len(word) >= TWO_TYPOS_FROM:
        found = [alike for alike in index.words_like(word) if typos_between(word, alike) <= 2]
    # Whoever mistypes has the first letter right, mostly, and the length.
    found.sort(key=lambda other: (other[0] != word[0], abs(len(other) - len(word)), other))
    return found[:MAX_NEAR]


def known(words: Sequence[str]) -> set[str]:
    from movies.models import SearchWord

    stored = SearchWord.objects.values_list("text", flat=True)
    return set(chain.from_iterable(stored.filter(text__in=some) for some in _in_batches(words)))


def _in_batches(words: Sequence[str]) -> Iterator[Sequence[str]]:
    return (words[at : at + BATCH_SIZE] for at in range(0, len(words), BATCH_SIZE))


def one_typo_from(word: str) -> set[str]:
    """A letter too many, too few, wrong, or two neighbours swapped."""
    halves = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    found = {a + b[1:] for a, b in halves if b}
    found |= {a + b[1] + b[0] + b[2:] for a, b in halves if len(b) > 1}
    for letter in LETTERS:
        found |= {a + letter + b for a, b in halves}
        found |= {a + letter + b[1:] for a, b in halves if b}
    return found - {word}


def typos_between(one: str, other: str) -> int:
    """Letters to add, drop, change or swap with their neighbour until both are the same.

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
