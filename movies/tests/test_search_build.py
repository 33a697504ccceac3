import pytest
from django.db import connection

from movies.models import Movie, SearchWord
from movies.search import build as search_build
from movies.search import index

pytestmark = pytest.mark.django_db


@pytest.fixture
def told():
    return []


def build(told):
    search_build.build("default", told.append)


def test_a_second_build_says_and_changes_nothing(make_movies, told):
    make_movies(1, title="Heat")
    build(told)
    before = list(SearchWord.objects.values_list("text", flat=True))
    build(told)
    assert (told, list(SearchWord.objects.values_list("text", flat=True))) == ([], before)


def test_films_from_before_the_vocabulary_are_in_it(make_movies, told):
    make_movies(3, title="Kagemusha")
    assert not SearchWord.objects.exists()
    build(told)
    assert [movie.title for movie in Movie.objects.search("kagemusa")] == ["Kagemusha"] * 3


def test_triggers_that_a_new_table_lost_come_back(make_movies, told):
    if connection.vendor != "sqlite":
        pytest.skip("only SQLite has them")
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER movie_names_insert")
        make_movies(1, title="Kagemusha")
        build(told)
        cursor.execute("SELECT rowid FROM movie_names WHERE movie_names MATCH 'musha'")
        assert len(cursor.fetchall()) == 1


def test_who_may_not_create_the_extension_is_told_what_to_do(make_movies, told, monkeypatch):
    if connection.vendor != "postgresql":
        pytest.skip("only PostgreSQL has extensions")
    make_movies(1, title="Kagemusha")
    with connection.cursor() as cursor:
        cursor.execute("DROP EXTENSION pg_trgm CASCADE; CREATE ROLE nobody_much")
        cursor.execute("GRANT CREATE ON SCHEMA public TO nobody_much")
        for table in ("movies_movie", "movies_searchword"):
            cursor.execute(f"ALTER TABLE {table} OWNER TO nobody_much")
        cursor.execute("SET LOCAL ROLE nobody_much")
    index.forget()
    with connection.cursor() as cursor:
        build(told)
        assert "CREATE EXTENSION pg_trgm;" in told[0]
        assert [movie.title for movie in Movie.objects.search("kagemusa")] == ["Kagemusha"]
        cursor.execute("RESET ROLE")
    index.forget()
