import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from movies.importing.importer import CatalogueImport, seed_movies
from movies.models import Genre, Movie

pytestmark = pytest.mark.django_db


def run(*films, batch_size=100, **options):
    return CatalogueImport(**options).run(films, batch_size=batch_size)


def film(title="Heat", year=1995, **fields):
    return {"title": title, "year": year, **fields}


def test_a_new_film_is_created_whole():
    run(film(directors=["Michael Mann"], cast=["Al Pacino"], genres=["Crime"], runtime_min=170))
    movie = Movie.objects.get()
    assert (movie.slug, movie.search_key) == ("heat-1995", "heat 1995 michael mann al pacino")
    assert [genre.name for genre in movie.genres.all()] == ["Crime"]


def test_a_second_run_changes_nothing():
    films = [
        film(genres=["Crime"], href="Heat_(1995_film)"),
        film("Ran", 1985, imdb_id="tt0089881"),
    ]
    run(*films)
    before = list(Movie.objects.order_by("pk").values())
    assert run(*films).skipped == {"unchanged": 2}
    assert list(Movie.objects.order_by("pk").values()) == before


@pytest.mark.parametrize(
    ("known_as", "row"),
    [
        ({"imdb_id": "tt0113277"}, film("Ganz anders", 1996, imdb_id="tt0113277")),
        ({"wikipedia_page": "Heat"}, film("Ganz anders", 1995, href="Heat")),
        ({}, film("HEAT!", 1995, imdb_id="tt0113277")),
        ({"imdb_id": "tt0113277"}, film("Heat", 1995, href="Heat")),
        ({"imdb_id": "tt0113277"}, film("Heat", 1995)),
    ],
)
def test_a_known_film_is_found_again(make_movies, known_as, row):
    make_movies(1, title="Heat", year=1995, **known_as)
    run(row)
    assert Movie.objects.count() == 1


@pytest.mark.parametrize(
    ("known_as", "row"),
    [
        ({"imdb_id": "tt0113277"}, film(imdb_id="tt9999999")),
        ({"wikipedia_page": "Heat_A"}, film(href="Heat_B")),
        ({}, film(year=1986)),
    ],
)
def test_another_film_of_that_name_is_new(make_movies, known_as, row):
    make_movies(1, title="Heat", year=1995, **known_as)
    assert run(row).created == 1


def test_what_a_curator_wrote_stays(make_movies):
    (movie,) = make_movies(1, title="Heat", year=1995, synopsis="By hand.", n_reviews=3)
    summary = run(film(synopsis="By machine.", runtime_min=170))
    movie.refresh_from_db()
    assert summary.updated == 1
    assert (movie.synopsis, movie.runtime_min, movie.n_reviews) == ("By hand.", 170, 3)


def test_overwrite_replaces_what_differs_and_keeps_the_address(make_movies):
    (movie,) = make_movies(1, title="Heet", year=1995, imdb_id="tt0113277", synopsis="By hand.")
    run(film(imdb_id="tt0113277", synopsis="By machine.", genres=["Crime"]), overwrite=True)
    movie.refresh_from_db()
    assert (movie.title, movie.synopsis, movie.slug) == ("Heat", "By machine.", "heet-1995")
    assert movie.search_key == "heat 1995"


def test_overwrite_never_empties(make_movies):
    (movie,) = make_movies(1, title="Heat", year=1995, synopsis="By hand.")
    run(film(synopsis=""), overwrite=True)
    movie.refresh_from_db()
    assert movie.synopsis == "By hand."


def test_genres_are_filled_only_where_there_are_none():
    run(film(genres=["Crime"]))
    run(film(genres=["Drama"]))
    assert [genre.name for genre in Movie.objects.get().genres.all()] == ["Crime"]


def test_overwrite_replaces_genres():
    run(film(genres=["Crime"]))
    assert run(film(genres=["Drama"]), overwrite=True).updated == 1
    assert [genre.name for genre in Movie.objects.get().genres.all()] == ["Drama"]


def test_a_genre_is_made_once_however_it_is_written(make_movies):
    Genre.objects.create(name="Film noir", slug="noir")
    run(
        film(genres=["Film Noir", "Sci-Fi", "sci fi", "!"]),
        film("Ran", genres=["SCI-FI"]),
        batch_size=1,
    )
    assert Genre.objects.count() == 2
    assert Movie.objects.get(title="Heat").genres.count() == 2


def test_namesakes_of_one_year_get_addresses_of_their_own(make_movies):
    make_movies(1, title="Heat", year=1995, wikipedia_page="Heat_0")
    run(*(film(href=f"Heat_{n}") for n in range(1, 4)), batch_size=2)
    slugs = sorted(Movie.objects.values_list("slug", flat=True))
    assert slugs == ["heat-1995", "heat-1995-2", "heat-1995-3", "heat-1995-4"]


@pytest.mark.parametrize("batch_size", [1, 10])
@pytest.mark.parametrize("again", [film(), film("Heat 2", imdb_id="tt0113277"), film(href="Heat")])
def test_the_same_film_twice_in_a_file_is_skipped(again, batch_size):
    summary = run(film(imdb_id="tt0113277"), again, batch_size=batch_size)
    assert summary.skipped == {"same film twice in the file": 1}


def test_a_page_of_another_film_is_not_believed():
    films = [
        {"title": "Tank Force", "year": 1958, "href": "No_Time_to_Die"},
        {"title": "No Time to Die", "year": 2021, "href": "No_Time_to_Die"},
    ]
    CatalogueImport().run(films)
    summary = CatalogueImport().run(films)
    assert summary.created == 0
    assert [movie.year for movie in Movie.objects.order_by("year")] == [1958, 2021]


def test_one_id_is_not_given_to_two_known_films(make_movies):
    make_movies(1, title="Heat", year=1995)
    make_movies(1, title="Ran", year=1985)
    summary = run(film(imdb_id="tt0113277"), film("Ran", 1985, imdb_id="tt0113277"))
    assert summary.skipped == {"same film twice in the file": 1}


def test_ids_of_two_films_in_one_row_are_refused(make_movies):
    make_movies(1, title="Heat", year=1995, imdb_id="tt0113277")
    make_movies(1, title="Ran", year=1995, wikipedia_page="Ran")
    assert run(film(imdb_id="tt0113277", href="Ran")).skipped == {"its ids belong to two films": 1}


def test_a_title_that_two_films_have_names_neither(make_movies):
    make_movies(1, title="Heat", year=1995, wikipedia_page="A")
    make_movies(1, title="Heat", year=1995, wikipedia_page="B")
    summary = run(film(imdb_id="tt0113277"))
    assert summary.skipped == {"more than one film of this title and year": 1}


def test_bad_films_are_counted_by_reason_and_the_others_imported():
    summary = run(film(), film(""), film("", 1990), film(year=1), None)
    assert summary.created == 1
    assert summary.skipped == {"missing title": 2, "year out of range": 1, "not a whole film": 1}


def test_a_dry_run_counts_and_writes_nothing(make_movies):
    make_movies(1, title="Ran", year=1985)
    summary = run(film(genres=["Crime"]), film("Ran", 1985, runtime_min=160), dry_run=True)
    assert (summary.created, summary.updated) == (1, 1)
    assert (Movie.objects.count(), Genre.objects.count()) == (1, 0)
    assert Movie.objects.get().runtime_min is None


def test_no_film_costs_a_query_of_its_own():
    def queries(n):
        films = [film(f"Film {number}", 1990, genres=["Crime"]) for number in range(n)]
        with CaptureQueriesContext(connection) as create:
            run(*films)
        with CaptureQueriesContext(connection) as again:
            run(*films)
        Movie.objects.all().delete()
        return len(create), len(again)

    # One more insert of films and of words is what SQLite needs: it takes 999 parameters a query.
    assert queries(60)[0] <= queries(10)[0] + 3
    assert queries(60)[1] == queries(10)[1]


def test_the_seed_is_idempotent():
    assert seed_movies().created >= 60
    assert set(seed_movies().skipped) == {"unchanged"}


def test_the_seed_and_wikipedia_meet_in_one_film():
    seed_movies()
    assert run(film("WALL-E", 2008, href="WALL-E")).updated == 1
