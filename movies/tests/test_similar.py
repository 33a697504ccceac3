"""Films like another."""

import pytest

from movies.models import Genre, Movie
from movies.search.similar import similar_movies

pytestmark = pytest.mark.django_db


@pytest.fixture
def film(db):
    """A saved film of these genres."""

    def make(title, year=1950, genres=(), **fields):
        movie = Movie.objects.create(title=title, year=year, **fields)
        for name in genres:
            genre, _made = Genre.objects.get_or_create(name=name, slug=name.lower())
            movie.genres.add(genre)
        return movie

    return make


def test_a_shared_actor_counts_more_than_a_genre(film):
    movie = film("Ours", genres=["Drama"], cast=["Ana Sá"])
    of_genre = film("Genre", genres=["Drama"])
    of_actor = film("Actor", year=1999, cast=["ANA SA"])
    film("Neither", genres=["Comedy"], cast=["Bo Li"])
    assert similar_movies(movie) == [of_actor, of_genre]


def test_more_shared_genres_come_first_then_the_nearer_year(film):
    movie = film("Ours", genres=["Drama", "War"])
    far, near = (film("F", year, genres=["Drama"]) for year in (1990, 1951))
    both = film("Both", 1930, genres=["War", "Drama"])
    assert similar_movies(movie) == [both, near, far]


def test_a_director_is_one_of_the_people(film):
    movie, other = film("Ours", directors=["Ida Lu"]), film("Other", directors=["Ida Lu"])
    assert similar_movies(movie) == [other]


def test_a_film_of_which_nothing_is_known_is_like_no_other(film):
    film("Other", genres=["Drama"], cast=["Ana Sá"])
    assert similar_movies(film("Ours")) == []


def test_no_more_are_shown_however_many_there_are(film, django_assert_num_queries):
    movie = film("Ours", genres=["Drama"], cast=["Ana Sá"])
    for number in range(20):
        film(f"Film {number}", genres=["Drama"], cast=["Ana Sá"])
    similar_movies(movie)  # asks once whether there is an index
    movie = Movie.objects.prefetch_related("genres").get(pk=movie.pk)
    with django_assert_num_queries(2):
        assert len(similar_movies(movie)) == 6


def test_the_movie_page_shows_them(client, film):
    movie, other = film("Ours", cast=["Ana Sá"]), film("Other", cast=["Ana Sá"])
    assert client.get(movie.get_absolute_url()).context["similar"] == [other]
