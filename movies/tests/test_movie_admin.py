import pytest
from django.urls import reverse

from movies.models import Genre, Movie

pytestmark = pytest.mark.django_db
LIST = "/admin/movies/movie/"


def form_data(movie, **fields):
    return {
        "title": movie.title,
        "year": movie.year,
        "directors": "\n".join(movie.directors),
        "cast": "\n".join(movie.cast),
        "imdb_id": movie.imdb_id or "",
        **fields,
    }


def change(admin_client, movie, **fields):
    url = reverse("admin:movies_movie_change", args=[movie.pk])
    response = admin_client.post(url, form_data(movie, **fields))
    movie.refresh_from_db()
    return response


def test_admin_reads_one_name_per_line(admin_client, movie):
    change(admin_client, movie, cast="Al Pacino\r\n\r\n Val Kilmer ")
    assert movie.cast == ["Al Pacino", "Val Kilmer"]
    assert "al pacino" in movie.search_key


def test_windows_1252_in_a_curators_edit_is_repaired(admin_client, movie):
    change(
        admin_client,
        movie,
        title="Schindler\x92s List",
        cast="\x8ei\x9eek\r\nLiam Nee\x07son",
        synopsis="One\x85 two",
    )
    assert (movie.title, movie.synopsis) == ("Schindler’s List", "One… two")
    assert movie.cast == ["Žižek", "Liam Neeson"]


def test_title_of_invisible_characters_is_missing(admin_client, movie):
    assert change(admin_client, movie, title="\x07\xad").status_code == 200


def test_admin_shows_one_name_per_line(admin_client, make_movies):
    (movie,) = make_movies(1, cast=["Al Pacino", "Val Kilmer"])
    page = admin_client.get(reverse("admin:movies_movie_change", args=[movie.pk]))
    assert "Al Pacino\nVal Kilmer" in page.content.decode()


def test_two_movies_can_be_without_an_imdb_id(admin_client, make_movies):
    first, second = make_movies(2)
    assert change(admin_client, first).status_code == 302
    assert change(admin_client, second).status_code == 302


def test_freshness_cannot_be_set_in_the_admin(admin_client, movie):
    change(admin_client, movie, title="Heat", freshness="1", verdict="certified_hot", n_reviews="9")
    assert (movie.title, movie.freshness, movie.verdict, movie.n_reviews) == (
        "Heat",
        None,
        "none",
        0,
    )


def test_review_submitted_while_a_curator_saves_is_counted(admin_client, movie, monkeypatch):
    prepare = Movie.prepare

    def prepare_late(self):
        Movie.objects.filter(pk=self.pk).update(n_reviews=1, n_counted=1)
        prepare(self)

    monkeypatch.setattr(Movie, "prepare", prepare_late)
    change(admin_client, movie, title="Heat")
    assert (movie.title, movie.n_counted) == ("Heat", 1)


@pytest.mark.parametrize(
    ("query", "n"),
    [
        ({"q": "amelie"}, 1),
        ({"q": "a\0melie"}, 2),
        ({"q": "a " * 5000}, 1),
        ({"decade": "2000"}, 1),
        ({"decade": "abc"}, 2),
        ({"verdict__exact": "hot"}, 0),
    ],
)
def test_admin_searches_and_filters_movies(admin_client, make_movies, query, n):
    make_movies(1, title="Amélie", year=2001)
    make_movies(1, title="Rififi", year=1955)
    page = admin_client.get(LIST, query)
    assert len(page.context["cl"].result_list) == n


def test_queries_of_the_admin_list_do_not_grow_with_the_movies(
    admin_client, make_movies, count_queries
):
    make_movies(10)
    few = count_queries(admin_client.get, LIST)
    make_movies(290)
    assert count_queries(admin_client.get, LIST) == few


def test_admin_shows_the_number_of_movies_of_a_genre(admin_client, movie):
    movie.genres.add(Genre.objects.create(name="Crime", slug="crime"))
    assert "Crime" in admin_client.get("/admin/movies/genre/?q=cri").content.decode()
