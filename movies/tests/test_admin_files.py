import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from common.importing import admin
from movies.models import Movie
from reviews import freshness
from reviews.models import MovieReview

pytestmark = pytest.mark.django_db

MOVIES = "title,year,directors\nHeat,1995,Michael Mann\n"
REVIEWS = "title,year,text,key\nHeat,1995,Good.,a\nHeat,1995,Bad.,b\nNone,1990,Good.,c\n"


def upload(admin_client, model, text):
    file = SimpleUploadedFile("rows.csv", text.encode(), "text/csv")
    url = f"/admin/{model}/import/"
    return admin_client.post(url, {"format": "0", "resource": "", "import_file": file})


def confirm(admin_client, model, page):
    data = page.context["confirm_form"].initial
    return admin_client.post(f"/admin/{model}/process_import/", data, follow=True)


def test_admin_shows_movies_before_importing_them(admin_client):
    page = upload(admin_client, "movies/movie", MOVIES)
    assert "+ Heat (1995)" in page.content.decode()
    assert not Movie.objects.exists()
    assert "style=" not in page.content.decode().partition("<main")[2]
    confirm(admin_client, "movies/movie", page)
    assert Movie.objects.get().directors == ["Michael Mann"]


def test_reviews_imported_in_the_admin_are_counted(admin_client, make_movies):
    make_movies(1, title="Heat", year=1995)
    page = upload(admin_client, "reviews/moviereview", REVIEWS)
    assert "movie not in the catalogue" in page.content.decode()
    assert not MovieReview.objects.exists()
    confirm(admin_client, "reviews/moviereview", page)
    movie = Movie.objects.get()
    assert (movie.n_reviews, movie.n_positive) == (2, 1)
    assert freshness.recount(movie) == {}


def test_admin_refers_large_files_to_the_command(admin_client, monkeypatch):
    monkeypatch.setattr(admin, "MAX_ROWS", 0)
    page = upload(admin_client, "movies/movie", MOVIES)
    assert "manage.py import_movies" in page.content.decode()
    assert not Movie.objects.exists()


@pytest.mark.parametrize("model", ["movies/movie", "reviews/moviereview"])
def test_admin_exports_the_listed_rows(admin_client, make_movies, make_review, model):
    make_review(*make_movies(1, title="Heat", year=1995), text="Good.")
    response = admin_client.post(f"/admin/{model}/export/", {"format": "0", "resource": ""})
    assert response["Content-Type"] == "text/csv"
    assert "Heat" in response.content.decode()
