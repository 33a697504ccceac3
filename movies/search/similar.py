"""Films like another: with its people, or of its genres and its time.

The database chooses and orders. It looks at the films of the same people, whom the search's index
finds, and at those of the same genres that came out next before and after; not at all films.
"""

from collections.abc import Iterable
from functools import reduce
from operator import or_

from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    When,
)
from django.db.models.functions import Abs, Coalesce

from movies.models import Movie
from movies.naming import search_key
from movies.search.index import holds

N_SHOWN = 6
N_PEOPLE = 6  # directors and who is named first
N_NEAREST = 80  # films of the genres looked at, before and after
WEIGHT_OF_PERSON, WEIGHT_OF_GENRE = 3, 1


def similar_movies(movie: Movie, n: int = N_SHOWN) -> list[Movie]:
    """The likest first; two queries to four, none over all films. Expects genres prefetched."""
    people = [search_key(name) for name in [*movie.directors[:2], *movie.cast]]
    people = [name for name in people if " " in name][:N_PEOPLE]
    genres = [genre.pk for genre in movie.genres.all()]
    near = set(_of_people(movie, people))
    if len(near) < n:  # a person weighs more than genres, which then decide nothing
        near |= _of_time(movie, genres)
    return list(_ranked(movie, near, people, genres)[:n]) if near else []


def _of_people(movie: Movie, people: list[str]) -> Iterable[int]:
    if not people:
        return []
    found = Movie.objects.filter(_any_of(holds(name) for name in people)).exclude(pk=movie.pk)
    return found.order_by().values_list("pk", flat=True)


def _of_time(movie: Movie, genres: list[int]) -> set[int]:
    """Films of the genres that came out next, before and after: two short walks of an index."""
    links = Movie.genres.through.objects.filter(movie=OuterRef("pk"), genre__in=genres)
    films = Movie.objects.filter(Exists(links)).exclude(pk=movie.pk)
    before = films.filter(year__lte=movie.year).order_by("-year", "title", "pk")
    after = films.filter(year__gte=movie.year).order_by("year", "-title", "-pk")
    return {pk for some in (before, after) for pk in some.values_list("pk", flat=True)[:N_NEAREST]}


def _ranked(movie: Movie, near: set[int], people: list[str], genres: list[int]) -> QuerySet[Movie]:
    links = Movie.genres.through.objects.filter(movie=OuterRef("pk"), genre__in=genres)
    shared = links.order_by().values("movie").annotate(n_shared=Count("pk"))
    likeness = WEIGHT_OF_GENRE * Coalesce(Subquery(shared.values_list("n_shared")), 0)  # type: ignore[misc]
    for name in people:
        likeness += Case(When(search_key__contains=name, then=WEIGHT_OF_PERSON), default=0)
    found = Movie.objects.filter(pk__in=near).annotate(
        likeness=likeness, apart=Abs(F("year") - movie.year, output_field=IntegerField())
    )
    return found.order_by("-likeness", "apart", "-n_counted", "pk")


def _any_of(conditions: Iterable[Q]) -> Q:
    return reduce(or_, conditions)
