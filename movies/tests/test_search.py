import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from movies.importing.importer import CatalogueImport
from movies.models import Movie, SearchWord
from movies.search.query import MAX_CORRECTED, index, understand

pytestmark = pytest.mark.django_db

FILMS = [
    {"title": "The Godfather", "year": 1972, "cast": ["Al Pacino"]},
    {"title": "Amélie", "year": 2001, "cast": ["Audrey Tautou"]},
    {"title": "The Terminator", "year": 1984, "cast": ["Arnold Schwarzenegger"]},
    {"title": "Spider-Man", "year": 2002},
    {"title": "Ran", "year": 1985, "synopsis": "An old lord divides his café among three sons."},
]


@pytest.fixture
def films(db):
    CatalogueImport().run(FILMS)


def found(text):
    return [movie.title for movie in Movie.objects.search(text)]


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("amelie", "Amélie"),
        ("AMÉLIE", "Amélie"),
        ("godfathr", "The Godfather"),
        ("godfahter", "The Godfather"),
        ("gotfather 1972", "The Godfather"),
        ("goodfather pachino", "The Godfather"),
        ("terminater", "The Terminator"),
        ("spiderman", "Spider-Man"),
        ("tatou", "Amélie"),
    ],
)
def test_a_typo_or_an_accent_hides_no_film(films, text, title):
    assert found(text) == [title]


@pytest.mark.parametrize("text", ["shwarzeneger", "arnold schwartzeneger"])
def test_a_long_word_may_have_two_typos(films, text):
    assert index.is_ready()
    assert found(text) == ["The Terminator"]


@pytest.mark.parametrize("text", ["xylophone", "zz", "%", "godfather tautou", '"', "x\0y"])
def test_what_is_not_there_is_not_found(films, text):
    assert found(text) == []


def test_a_word_that_is_there_is_not_corrected(films):
    assert not understand("ran").is_corrected
    assert found("ran") == ["Ran"]


@pytest.mark.parametrize("text", ["old lord son", "dividing lord", "cafe"])
def test_a_film_is_found_by_its_plot(films, text):
    assert found(text) == ["Ran"]


def test_what_was_meant_is_said(films):
    assert understand("godfathr pacino").phrase == "godfather pacino"


def test_a_changed_film_is_found_by_its_new_name_only(films):
    movie = Movie.objects.get(title="Ran")
    movie.title = "Kagemusha"
    movie.save()
    assert found("kagemusa") == ["Kagemusha"]
    assert found("ran 1985") == []


def test_a_deleted_film_is_not_found(films):
    Movie.objects.filter(title="Ran").delete()
    assert found("lord sons") == []


def test_a_film_of_that_title_comes_first(make_movies):
    for title in ("Heathers", "Dead Heat", "Heat Wave", "The Heat"):
        make_movies(1, title=title, year=1990)
    search = understand("heat")
    ranked = Movie.objects.matching(search).best_first(search)
    assert [movie.title for movie in ranked] == ["The Heat", "Heat Wave", "Dead Heat", "Heathers"]


def test_a_search_costs_few_queries_however_long_it_is(films):
    def queries(n):
        with CaptureQueriesContext(connection) as captured:
            found("mistyppedd " * n)
        return len(captured)

    found("heat")  # whether trigrams are there is asked once
    assert queries(60) == queries(MAX_CORRECTED) <= 3 * MAX_CORRECTED + 4


def test_without_trigrams_one_typo_is_still_forgiven(films, monkeypatch):
    monkeypatch.setattr(index, "is_ready", lambda: False)
    assert found("godfathr") == ["The Godfather"]
    assert found("shwarzeneger") == []


def test_words_are_remembered_once(films):
    CatalogueImport().run([{"title": "The Godfather Part II", "year": 1974}])
    assert SearchWord.objects.filter(text="godfather").count() == 1
