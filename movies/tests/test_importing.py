import pytest

from movies.importing.importer import MovieImport, seed_movies
from movies.models import Genre, Movie

pytestmark = pytest.mark.django_db


def run(*rows, batch_size=100, **options):
    return MovieImport(**options).run(rows, batch_size=batch_size)


def row(title="Heat", year=1995, **fields):
    return {"title": title, "year": year, **fields}


def test_new_movie_is_created_with_all_fields():
    run(row(directors=["Michael Mann"], cast=["Al Pacino"], genres=["Crime"], runtime_min=170))
    movie = Movie.objects.get()
    assert (movie.slug, movie.search_key) == ("heat-1995", "heat 1995 michael mann al pacino")
    assert [genre.name for genre in movie.genres.all()] == ["Crime"]


def test_second_import_changes_nothing():
    rows = [
        row(genres=["Crime"], href="Heat_(1995_film)"),
        row("Ran", 1985, imdb_id="tt0089881"),
    ]
    run(*rows)
    before = list(Movie.objects.order_by("pk").values())
    assert run(*rows).skipped == {"unchanged": 2}
    assert list(Movie.objects.order_by("pk").values()) == before


@pytest.mark.parametrize(
    ("known_as", "imported"),
    [
        ({"imdb_id": "tt0113277"}, row("Ganz anders", 1996, imdb_id="tt0113277")),
        ({"wikipedia_page": "Heat"}, row("Ganz anders", 1995, href="Heat")),
        ({}, row("HEAT!", 1995, imdb_id="tt0113277")),
        ({"imdb_id": "tt0113277"}, row("Heat", 1995, href="Heat")),
        ({"imdb_id": "tt0113277"}, row("Heat", 1995)),
    ],
)
def test_known_movie_is_recognised(make_movies, known_as, imported):
    make_movies(1, title="Heat", year=1995, **known_as)
    run(imported)
    assert Movie.objects.count() == 1


@pytest.mark.parametrize(
    ("known_as", "imported"),
    [
        ({"imdb_id": "tt0113277"}, row(imdb_id="tt9999999")),
        ({"wikipedia_page": "Heat_A"}, row(href="Heat_B")),
        ({}, row(year=1986)),
    ],
)
def test_different_movie_of_the_same_name_is_created(make_movies, known_as, imported):
    make_movies(1, title="Heat", year=1995, **known_as)
    assert run(imported).created == 1


def test_import_keeps_what_a_curator_wrote(make_movies):
    (movie,) = make_movies(1, title="Heat", year=1995, synopsis="By hand.", n_reviews=3)
    summary = run(row(synopsis="By machine.", runtime_min=170))
    movie.refresh_from_db()
    assert summary.updated == 1
    assert (movie.synopsis, movie.runtime_min, movie.n_reviews) == ("By hand.", 170, 3)


def test_overwrite_replaces_fields_and_keeps_the_slug(make_movies):
    (movie,) = make_movies(1, title="Heet", year=1995, imdb_id="tt0113277", synopsis="By hand.")
    run(row(imdb_id="tt0113277", synopsis="By machine.", genres=["Crime"]), overwrite=True)
    movie.refresh_from_db()
    assert (movie.title, movie.synopsis, movie.slug) == ("Heat", "By machine.", "heet-1995")
    assert movie.search_key == "heat 1995"


def test_overwrite_never_empties_a_field(make_movies):
    (movie,) = make_movies(1, title="Heat", year=1995, synopsis="By hand.")
    run(row(synopsis=""), overwrite=True)
    movie.refresh_from_db()
    assert movie.synopsis == "By hand."


def test_import_fills_genres_only_if_there_are_none():
    run(row(genres=["Crime"]))
    run(row(genres=["Drama"]))
    assert [genre.name for genre in Movie.objects.get().genres.all()] == ["Crime"]


def test_overwrite_replaces_genres():
    run(row(genres=["Crime"]))
    assert run(row(genres=["Drama"]), overwrite=True).updated == 1
    assert [genre.name for genre in Movie.objects.get().genres.all()] == ["Drama"]


def test_genre_is_created_once_for_all_spellings(make_movies):
    Genre.objects.create(name="Film noir", slug="noir")
    run(
        row(genres=["Film Noir", "Sci-Fi", "sci fi", "!"]),
        row("Ran", genres=["SCI-FI"]),
        batch_size=1,
    )
    assert Genre.objects.count() == 2
    assert Movie.objects.get(title="Heat").genres.count() == 2


def test_movies_of_the_same_title_and_year_have_different_slugs(make_movies):
    make_movies(1, title="Heat", year=1995, wikipedia_page="Heat_0")
    run(*(row(href=f"Heat_{n}") for n in range(1, 4)), batch_size=2)
    slugs = sorted(Movie.objects.values_list("slug", flat=True))
    assert slugs == ["heat-1995", "heat-1995-2", "heat-1995-3", "heat-1995-4"]


@pytest.mark.parametrize("batch_size", [1, 10])
@pytest.mark.parametrize("again", [row(), row("Heat 2", imdb_id="tt0113277"), row(href="Heat")])
def test_second_row_of_the_same_movie_is_skipped(again, batch_size):
    summary = run(row(imdb_id="tt0113277"), again, batch_size=batch_size)
    assert summary.skipped == {"same movie twice in the file": 1}


def test_wikipedia_page_of_another_movie_is_ignored():
    rows = [
        {"title": "Tank Force", "year": 1958, "href": "No_Time_to_Die"},
        {"title": "No Time to Die", "year": 2021, "href": "No_Time_to_Die"},
    ]
    MovieImport().run(rows)
    summary = MovieImport().run(rows)
    assert summary.created == 0
    assert [movie.year for movie in Movie.objects.order_by("year")] == [1958, 2021]


def test_imdb_id_is_not_given_to_two_known_movies(make_movies):
    make_movies(1, title="Heat", year=1995)
    make_movies(1, title="Ran", year=1985)
    summary = run(row(imdb_id="tt0113277"), row("Ran", 1985, imdb_id="tt0113277"))
    assert summary.skipped == {"same movie twice in the file": 1}


def test_row_with_the_ids_of_two_movies_is_skipped(make_movies):
    make_movies(1, title="Heat", year=1995, imdb_id="tt0113277")
    make_movies(1, title="Ran", year=1995, wikipedia_page="Ran")
    assert run(row(imdb_id="tt0113277", href="Ran")).skipped == {"its ids belong to two movies": 1}


def test_title_of_two_movies_matches_neither(make_movies):
    make_movies(1, title="Heat", year=1995, wikipedia_page="A")
    make_movies(1, title="Heat", year=1995, wikipedia_page="B")
    summary = run(row(imdb_id="tt0113277"))
    assert summary.skipped == {"more than one movie of this title and year": 1}


def test_dry_run_counts_and_writes_nothing(make_movies):
    make_movies(1, title="Ran", year=1985)
    summary = run(row(genres=["Crime"]), row("Ran", 1985, runtime_min=160), dry_run=True)
    assert (summary.created, summary.updated) == (1, 1)
    assert (Movie.objects.count(), Genre.objects.count()) == (1, 0)
    assert Movie.objects.get().runtime_min is None


def test_number_of_queries_does_not_grow_with_the_rows(count_queries):
    def queries(n):
        rows = [row(f"Movie {number}", 1990, genres=["Crime"]) for number in range(n)]
        new_and_known = count_queries(run, *rows), count_queries(run, *rows)
        Movie.objects.all().delete()
        return new_and_known

    # SQLite accepts 999 parameters per query: one more insert of movies and one of words.
    assert queries(60)[0] <= queries(10)[0] + 3
    assert queries(60)[1] == queries(10)[1]


def test_import_from_wikipedia_recognises_a_seeded_movie():
    seed_movies()
    assert run(row("WALL-E", 2008, href="WALL-E")).updated == 1
