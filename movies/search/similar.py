"""Find movies similar to another: with the same people, or of its genres and its time.

The database selects and orders. It reads only the movies of the same people, which the search
index finds, and the nearest movies of the same genres by year; never the whole catalogue.
"""

from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    IntegerField,
    OuterRef,
    QuerySet,
    Subquery,
    When,
)
from django.db.models.functions import Abs, Coalesce

from movies.models import Movie
from movies.naming import search_key
from movies.search.index import names_contain
from movies.search.query import any_of

N_SHOWN = 6
N_PEOPLE = 6  # directors and the first of the cast
N_NEAREST = 80  # movies of the same genres that are compared, before and after
WEIGHT_OF_PERSON, WEIGHT_OF_GENRE = 3, 1


def similar_movies(movie: Movie, n: int = N_SHOWN) -> list[Movie]:
    """Return the most similar movies, best first, in two to four queries.

    The movie's genres should be prefetched.
    """
    people = [search_key(name) for name in [*movie.directors[:2], *movie.cast]]
    people = [name for name in people if " " in name][:N_PEOPLE]
    genres = [genre.pk for genre in movie.genres.all()]
    candidates = _with_people(movie, people)
    if len(candidates) < n:  # otherwise genres cannot change which ones are shown
        candidates |= _with_genres(movie, genres)
    return list(_ranked(movie, candidates, people, genres)[:n]) if candidates else []


def _with_people(movie: Movie, people: list[str]) -> set[int]:
    if not people:
        return set()
    movies = Movie.objects.filter(any_of(map(names_contain, people))).exclude(pk=movie.pk)
    return set(movies.order_by().values_list("pk", flat=True))


def _with_genres(movie: Movie, genres: list[int]) -> set[int]:
    """Return the nearest movies of these genres by year: two short scans of an index."""
    links = Movie.genres.through.objects.filter(movie=OuterRef("pk"), genre__in=genres)
    movies = Movie.objects.filter(Exists(links)).exclude(pk=movie.pk)
    before = movies.filter(year__lte=movie.year).order_by("-year", "title", "pk")
    after = movies.filter(year__gte=movie.year).order_by("year", "-title", "-pk")
    return {pk for side in (before, after) for pk in side.values_list("pk", flat=True)[:N_NEAREST]}


def _ranked(
    movie: Movie, candidates: set[int], people: list[str], genres: list[int]
) -> QuerySet[Movie]:
    links = Movie.genres.through.objects.filter(movie=OuterRef("pk"), genre__in=genres)
    shared = links.order_by().values("movie").annotate(n_shared=Count("pk"))
    similarity = WEIGHT_OF_GENRE * Coalesce(Subquery(shared.values_list("n_shared")), 0)  # type: ignore[misc]
    for name in people:
        similarity += Case(When(search_key__contains=name, then=WEIGHT_OF_PERSON), default=0)
    years_apart = Abs(F("year") - movie.year, output_field=IntegerField())
    movies = Movie.objects.filter(pk__in=candidates)
    movies = movies.annotate(similarity=similarity, years_apart=years_apart)
    return movies.order_by("-similarity", "years_apart", "-n_counted", "pk")
