import pytest
from django.urls import reverse

from movies.models import Genre, Movie
from movies.tests.test_movie_admin import change

pytestmark = pytest.mark.django_db


def test_history_records_the_user_and_the_change(admin_client, admin_user, movie):
    old_title = movie.title
    change(admin_client, movie, title="Another title")
    now, before = movie.history.all()
    assert (now.history_user, now.title) == (admin_user, "Another title")
    # The movie was created in bulk, by no user.
    assert (before.history_user, before.title) == (None, old_title)


def test_history_records_a_change_of_genres(admin_client, movie):
    change(admin_client, movie, genres=[Genre.objects.create(name="Noir", slug="noir").pk])
    assert [row.genre.name for row in movie.history.first().genres.all()] == ["Noir"]


def test_admin_shows_the_history(admin_client, movie):
    old_title = movie.title
    change(admin_client, movie, title="Another title")
    page = admin_client.get(reverse("admin:movies_movie_history", args=[movie.pk]))
    assert f"{old_title} → Another title" in page.content.decode()
    assert " style=" not in page.content.decode().partition("change-history")[2]


def test_reviews_add_nothing_to_the_history_of_a_movie(movie, make_review):
    make_review(movie)
    assert not movie.history.exists()


def test_history_records_a_deletion(admin_client, admin_user, movie):
    address = reverse("admin:movies_movie_delete", args=[movie.pk])
    admin_client.post(address, {"post": "yes"})
    gone = Movie.history.get(history_type="-")
    assert (gone.title, gone.history_user) == (movie.title, admin_user)
