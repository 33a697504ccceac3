import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone

from reviews import freshness
from reviews.claim_guest_reviews import CLAIM_WITHIN
from reviews.models import MovieReview

pytestmark = pytest.mark.django_db

NEW = {"username": "bea", "password1": "a-long-password-1", "password2": "a-long-password-1"}


def sign_up(client, **data):
    return client.post(reverse("signup"), NEW | data, follow=True)


def write(client, movie, text="A good movie."):
    client.post(reverse("reviews:create", args=[movie.slug]), {"text": text, "guest_name": "Bea"})
    return MovieReview.objects.get(text=text)


def test_sign_up_signs_in(client):
    page = sign_up(client, email="bea@example.org")
    assert page.context["user"] == User.objects.get(username="bea", email="bea@example.org")


def test_guest_reviews_are_claimed_at_sign_up(client, movie):
    review = write(client, movie)
    sign_up(client)
    review.refresh_from_db()
    assert (review.author.username, review.guest_name) == ("bea", "")
    movie.refresh_from_db()
    assert movie.n_reviews == 1
    assert freshness.recount(movie) == {}


def test_newer_of_two_guest_reviews_of_a_movie_is_claimed(client, movie):
    older, newer = write(client, movie), write(client, movie, "A second thought.")
    sign_up(client)
    authors = dict(MovieReview.objects.values_list("pk", "author__username"))
    assert authors == {older.pk: None, newer.pk: "bea"}


def test_reviews_by_others_are_not_claimed(client, movie, make_review, user):
    guests, anas = make_review(movie), make_review(movie, author=user)
    session = client.session
    session["reviews_written"] = [anas.pk]
    session.save()
    sign_up(client)
    authors = dict(MovieReview.objects.values_list("pk", "author__username"))
    assert authors == {guests.pk: None, anas.pk: "ana"}


def test_old_guest_review_is_not_claimed(client, movie):
    review = write(client, movie)
    MovieReview.objects.update(created_at=timezone.now() - CLAIM_WITHIN)
    sign_up(client)
    review.refresh_from_db()
    assert review.author is None


def test_sign_up_returns_to_the_page(client):
    assert sign_up(client, next="/movies/").redirect_chain[0][0] == "/movies/"
    client.logout()
    away = sign_up(client, username="eve", next="https://evil.example/")
    assert away.redirect_chain[0][0] == reverse("account")


@pytest.mark.parametrize(
    "data",
    [
        {"username": "ANA"},
        {"username": "x" * 61},
        {"username": "a\x00b"},
        {"password2": "another-password-1"},
        {"password1": "12345678", "password2": "12345678"},
        {"email": "no address"},
        {"website": "https://casino.example"},
    ],
)
def test_invalid_sign_up_is_an_error_of_the_form(client, user, data):
    assert sign_up(client, **data).context["form"].errors
    assert User.objects.count() == 1


def test_sign_ups_from_one_address_are_limited(client, set_rate):
    set_rate("signup", "1/hour")
    assert sign_up(client, password2="a slip").status_code == 200
    sign_up(client)
    client.logout()
    assert sign_up(client, username="eve").status_code == 429
    assert not User.objects.filter(username="eve").exists()
