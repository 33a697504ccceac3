import pytest

from movies.models import Genre, Movie
from movies.search.similar import similar_movies

pytestmark = pytest.mark.django_db


@pytest.fixture
def add(db):
    """Return a function that saves a movie of these genres."""

    def make(title, year=1950, genres=(), **fields):
        movie = Movie.objects.create(title=title, year=year, **fields)
        for name in genres:
            genre, _made = Genre.objects.get_or_create(name=name, slug=name.lower())
            movie.genres.add(genre)
        return movie

    return make


def test_shared_actor_weighs_more_than_a_genre(add):
    movie = add("Ours", genres=["Drama"], cast=["Ana Sá"])
    of_genre = add("Genre", genres=["Drama"])
    of_actor = add("Actor", year=1999, cast=["ANA SA"])
    add("Neither", genres=["Comedy"], cast=["Bo Li"])
    assert similar_movies(movie) == [of_actor, of_genre]


def test_similar_movies_are_ordered_by_shared_genres_then_by_year(add):
    movie = add("Ours", genres=["Drama", "War"])
    far, near = (add("F", year, genres=["Drama"]) for year in (1990, 1951))
    both = add("Both", 1930, genres=["War", "Drama"])
    assert similar_movies(movie) == [both, near, far]


def test_shared_director_makes_movies_similar(add):
    movie, other = add("Ours", directors=["Ida Lu"]), add("Other", directors=["Ida Lu"])
    assert similar_movies(movie) == [other]


def test_movie_without_people_and_genres_has_no_similar_movies(add):
    add("Other", genres=["Drama"], cast=["Ana Sá"])
    assert similar_movies(add("Ours")) == []


def test_number_of_similar_movies_is_limited(add, django_assert_num_queries):
    movie = add("Ours", genres=["Drama"], cast=["Ana Sá"])
    for number in range(20):
        add(f"Movie {number}", genres=["Drama"], cast=["Ana Sá"])
    similar_movies(movie)  # checks once whether there is an index
    movie = Movie.objects.prefetch_related("genres").get(pk=movie.pk)
    with django_assert_num_queries(2):
        assert len(similar_movies(movie)) == 6


def test_movie_page_shows_similar_movies(client, add):
    movie, other = add("Ours", cast=["Ana Sá"]), add("Other", cast=["Ana Sá"])
    assert client.get(movie.get_absolute_url()).context["similar"] == [other]
