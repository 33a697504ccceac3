"""Find movies by words: as typed, with typing errors corrected, or by their plot."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.db.models import Case, CharField, Q, Value, When
from django.db.models.functions import Cast, Concat

from common.text import single_line
from movies.models import Movie, MovieQuerySet
from movies.naming import search_key
from movies.search import index, vocabulary

MAX_CORRECTED = 6  # words; each costs two or three queries to the vocabulary
MIN_CHARS_WITH_ARTICLE = 3
ARTICLES = ("", "the ", "a ", "an ")  # «Godfather» is an exact match for «The Godfather»


@dataclass(frozen=True, slots=True)
class Search:
    """The interpretation of a search text: for each word its spellings, the likeliest first."""

    words: tuple[tuple[str, ...], ...] = ()
    is_corrected: bool = False
    is_plot: bool = False

    @property
    def phrase(self) -> str:
        return " ".join(spellings[0] for spellings in self.words)


def interpret(text: str) -> Search:
    """Look for names as typed, then for names in another spelling, then for words of a plot."""
    words = search_key(single_line(text)).split()
    as_typed = Search(tuple((word,) for word in words))
    if not words or _has_matches(as_typed):
        return as_typed
    for search in (_corrected(words), Search(as_typed.words, is_plot=True)):
        if search and _has_matches(search):
            return search
    return as_typed


def matching(movies: MovieQuerySet, search: Search) -> MovieQuerySet:
    """Filter the movies whose title, people or year, or whose plot, contain every word."""
    return movies.filter(_condition(search))


def best_first(movies: MovieQuerySet, search: Search) -> MovieQuerySet:
    """Order exact titles before titles that begin with the words, before other matches."""
    return movies.order_by(_distance(search), "-n_counted", "title", "pk")


def any_of(conditions: Iterable[Q]) -> Q:
    return reduce(or_, conditions)


def _has_matches(search: Search) -> bool:
    return matching(Movie.objects.order_by(), search).exists()


def _condition(search: Search) -> Q:
    if search.is_plot:
        return index.plot_contains(search.phrase)
    condition = Q()
    for spellings in search.words:
        condition &= any_of(map(index.names_contain, spellings))
    return condition


def _distance(search: Search) -> Case | Value:
    """Return 0 for the movie with that title, and more for those that only contain the words."""
    if not search.words or search.is_plot:
        return Value(0)
    phrase, year = search.phrase, Cast("year", CharField())
    # Half of all movies contain «a» or «the»: there, each comparison would cost milliseconds.
    articles = ARTICLES if len(phrase) >= MIN_CHARS_WITH_ARTICLE and phrase != "the" else ("",)
    # A search key begins with the title and the year.
    titles = [Concat(Value(f"{article}{phrase} "), year) for article in articles]
    return Case(
        When(any_of(Q(search_key__startswith=title) for title in titles), then=0),
        When(any_of(Q(search_key__startswith=f"{a}{phrase} ") for a in articles), then=1),
        When(Q(search_key__startswith=phrase) | Q(search_key__contains=f" {phrase}"), then=2),
        default=3,
    )


def _corrected(words: list[str]) -> Search | None:
    stored = vocabulary.stored_words(words)
    spellings = []
    for n, word in enumerate(words):
        others = vocabulary.corrections(word) if n < MAX_CORRECTED else []
        # A stored word may be a typing error too, as in «al pachino», but it is likelier as typed.
        is_likely = word in stored or not others
        spellings.append((word, *others) if is_likely else (*others, word))
    is_new = any(len(options) > 1 for options in spellings)
    return Search(tuple(spellings), is_corrected=True) if is_new else None
