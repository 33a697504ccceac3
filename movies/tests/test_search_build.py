import pytest
from django.db import connection

from movies.models import SearchWord
from movies.search import index
from movies.search.build import build_index
from movies.tests.test_search import search

pytestmark = pytest.mark.django_db


@pytest.fixture
def messages():
    return []


def build(messages):
    build_index("default", messages.append)


def test_second_build_changes_and_reports_nothing(make_movies, messages):
    make_movies(1, title="Heat")
    build(messages)
    before = list(SearchWord.objects.values_list("text", flat=True))
    build(messages)
    assert (messages, list(SearchWord.objects.values_list("text", flat=True))) == ([], before)


def test_build_adds_the_words_of_movies_older_than_the_vocabulary(make_movies, messages):
    make_movies(3, title="Kagemusha")
    assert not SearchWord.objects.exists()
    build(messages)
    assert search("kagemusa") == ["Kagemusha"] * 3


def test_build_restores_a_missing_trigger(make_movies, messages):
    if connection.vendor != "sqlite":
        pytest.skip("only SQLite has them")
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER movie_names_insert")
        make_movies(1, title="Kagemusha")
        build(messages)
        cursor.execute("SELECT rowid FROM movie_names WHERE movie_names MATCH 'musha'")
        assert len(cursor.fetchall()) == 1


def test_build_explains_how_to_create_a_missing_extension(make_movies, messages, monkeypatch):
    if connection.vendor != "postgresql":
        pytest.skip("only PostgreSQL has extensions")
    make_movies(1, title="Kagemusha")
    with connection.cursor() as cursor:
        cursor.execute("DROP EXTENSION pg_trgm CASCADE; CREATE ROLE limited_role")
        cursor.execute("GRANT CREATE ON SCHEMA public TO limited_role")
        for table in ("movies_movie", "movies_searchword"):
            cursor.execute(f"ALTER TABLE {table} OWNER TO limited_role")
        cursor.execute("SET LOCAL ROLE limited_role")
    index.reset()
    with connection.cursor() as cursor:
        build(messages)
        assert "CREATE EXTENSION pg_trgm;" in messages[0]
        assert search("kagemusa") == ["Kagemusha"]
        cursor.execute("RESET ROLE")
    index.reset()
