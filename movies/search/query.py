"""Finding films by words: as they are written, as they were probably meant, or by their plot."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.db.models import Case, CharField, Q, Value, When
from django.db.models.functions import Cast, Concat

from movies.naming import search_key
from movies.search import index, spelling

MAX_CORRECTED = 6  # words; each asks the vocabulary twice or three times
MIN_CHARS_WITH_ARTICLE = 3
ARTICLES = ("", "the ", "a ", "an ")  # «Godfather» is «The Godfather», exactly


@dataclass(frozen=True, slots=True)
class Search:
    """What somebody's words are taken to mean: each with its spellings, the likeliest first."""

    words: tuple[tuple[str, ...], ...] = ()
    is_corrected: bool = False
    is_plot: bool = False

    @property
    def phrase(self) -> str:
        return " ".join(spellings[0] for spellings in self.words)


def understand(text: str) -> Search:
    """Names as written; else names in another spelling; else words out of the plot."""
    words = search_key(text.replace("\0", " ")).split()  # no database takes a NUL
    as_written = Search(tuple((word,) for word in words))
    if not words or _finds(as_written):
        return as_written
    for search in (_corrected(words), Search(as_written.words, is_plot=True)):
        if search and _finds(search):
            return search
    return as_written


def condition(search: Search) -> Q:
    if search.is_plot:
        return index.tells_of(search.phrase)
    together = Q()
    for spellings in search.words:
        together &= _any_of(map(index.holds, spellings))
    return together


def how_near(search: Search) -> Case | Value:
    """0 for the film of that title, more for those that only have the words somewhere."""
    if not search.words or search.is_plot:
        return Value(0)
    phrase, year = search.phrase, Cast("year", CharField())
    # Half of all films have «a» or «the» in them: there each comparison would cost milliseconds.
    articles = ARTICLES if len(phrase) >= MIN_CHARS_WITH_ARTICLE and phrase != "the" else ("",)
    # A key begins with the title and the year.
    titles = [Concat(Value(f"{article}{phrase} "), year) for article in articles]
    return Case(
        When(_any_of(Q(search_key__startswith=title) for title in titles), then=0),
        When(_any_of(Q(search_key__startswith=f"{a}{phrase} ") for a in articles), then=1),
        When(Q(search_key__startswith=phrase) | Q(search_key__contains=f" {phrase}"), then=2),
        default=3,
    )


def _finds(search: Search) -> bool:
    from movies.models import Movie

    return Movie.objects.order_by().matching(search).exists()


def _corrected(words: list[str]) -> Search | None:
    known = spelling.known(words)
    meant = []
    for n, word in enumerate(words):
        near = spelling.near(word) if n < MAX_CORRECTED else []
        # A word that films have may still be a typo, «al pachino»; it is the likelier one, though.
        meant.append((word, *near) if word in known or not near else (*near, word))
    is_new = any(len(spellings) > 1 for spellings in meant)
    return Search(tuple(meant), is_corrected=True) if is_new else None


def _any_of(conditions: Iterable[Q]) -> Q:
    return reduce(or_, conditions)
