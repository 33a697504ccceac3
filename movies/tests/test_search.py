import pytest

from movies.importing.importer import MovieImport
from movies.models import Movie
from movies.search.query import MAX_CORRECTED, best_first, index, interpret, matching

pytestmark = pytest.mark.django_db

ROWS = [
    {"title": "The Godfather", "year": 1972, "cast": ["Al Pacino"]},
    {"title": "Amélie", "year": 2001, "cast": ["Audrey Tautou"]},
    {"title": "The Terminator", "year": 1984, "cast": ["Arnold Schwarzenegger"]},
    {"title": "Spider-Man", "year": 2002},
    {"title": "Ran", "year": 1985, "synopsis": "An old lord divides his café among three sons."},
]


@pytest.fixture
def catalogue(db):
    MovieImport().run(ROWS)


def search(text):
    return [movie.title for movie in matching(Movie.objects.all(), interpret(text))]


def add_by_import(client):
    MovieImport().run([{"title": "Kagemusha", "year": 1980}])


def add_in_admin(client):
    client.post("/admin/movies/movie/add/", {"title": "Kagemusha", "year": 1980})


def add_in_code(client):
    Movie.objects.create(title="Kagemusha", year=1980)


@pytest.mark.parametrize("add", [add_by_import, add_in_admin, add_in_code])
def test_misspelled_search_finds_a_new_movie_wherever_it_was_added(admin_client, add):
    add(admin_client)
    assert search("kagemusa") == ["Kagemusha"]


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
def test_search_ignores_accents_and_corrects_typos(catalogue, text, title):
    assert search(text) == [title]


@pytest.mark.parametrize("text", ["shwarzeneger", "arnold schwartzeneger"])
def test_search_corrects_two_typos_in_a_long_word(catalogue, text):
    assert index.is_ready()
    assert search(text) == ["The Terminator"]


@pytest.mark.parametrize("text", ["xylophone", "zz", "%", "godfather tautou", '"', "x\0y"])
def test_search_without_a_match_finds_nothing(catalogue, text):
    assert search(text) == []


def test_search_does_not_correct_a_word_that_a_movie_has(catalogue):
    assert not interpret("ran").is_corrected
    assert search("ran") == ["Ran"]


@pytest.mark.parametrize("text", ["old lord son", "dividing lord", "cafe"])
def test_search_finds_a_movie_by_its_plot(catalogue, text):
    assert search(text) == ["Ran"]


def test_corrected_search_has_the_corrected_phrase(catalogue):
    assert interpret("godfathr pacino").phrase == "godfather pacino"


def test_search_finds_a_renamed_movie_by_its_new_title_only(catalogue):
    movie = Movie.objects.get(title="Ran")
    movie.title = "Kagemusha"
    movie.save()
    assert search("kagemusa") == ["Kagemusha"]
    assert search("ran 1985") == []


def test_search_does_not_find_a_deleted_movie(catalogue):
    Movie.objects.filter(title="Ran").delete()
    assert search("lord sons") == []


def test_movie_with_exactly_that_title_comes_first(make_movies):
    for title in ("Heathers", "Dead Heat", "Heat Wave", "The Heat"):
        make_movies(1, title=title, year=1990)
    heat = interpret("heat")
    ranked = best_first(matching(Movie.objects.all(), heat), heat)
    assert [movie.title for movie in ranked] == ["The Heat", "Heat Wave", "Dead Heat", "Heathers"]


def test_number_of_queries_of_a_search_is_limited(catalogue, count_queries):
    search("mistyppedd")  # checks once whether the database has trigrams
    n = count_queries(search, "mistyppedd " * MAX_CORRECTED)
    assert count_queries(search, "mistyppedd " * 60) == n <= 3 * MAX_CORRECTED + 4


def test_search_without_trigrams_corrects_one_typo(catalogue, monkeypatch):
    monkeypatch.setattr(index, "is_ready", lambda: False)
    assert search("godfathr") == ["The Godfather"]
    assert search("shwarzeneger") == []
