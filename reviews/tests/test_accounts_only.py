"""Where guests may not write (GUEST_REVIEWS=false): sign in first, and lose no word of it."""

import pytest
from django.urls import reverse

from reviews.models import MovieReview

pytestmark = pytest.mark.django_db


@pytest.fixture
def address(movie, settings):
    settings.GUEST_REVIEWS = False
    return reverse("reviews:create", args=[movie.slug])


def sign_in(client, user, **data):
    data |= {"username": user.username, "password": "a-long-password-1"}
    return client.post(reverse("login"), data)


def test_the_movie_page_offers_to_sign_in_instead_of_the_form(client, address, movie):
    page = client.get(movie.get_absolute_url()).content.decode()
    assert f"{reverse('login')}?next={address}" in page
    assert "<textarea" not in page


def test_an_account_finds_the_form(client, address, movie, user):
    client.force_login(user)
    assert "<textarea" in client.get(movie.get_absolute_url()).content.decode()


def test_the_form_asks_to_sign_in_and_comes_back(client, address):
    assert client.get(address).url == f"{reverse('login')}?next={address}"


def test_what_a_guest_posts_is_not_stored_but_stays_to_be_read(client, address):
    response = client.post(address, {"text": "A good film."})
    assert response.status_code == 403
    assert "A good film." in response.content.decode()
    assert not MovieReview.objects.exists()


def test_after_signing_in_the_text_waits_in_the_form(client, address, user):
    client.post(address, {"text": "A good film."})
    back = sign_in(client, user, next=address)
    assert client.get(back.url).context["form"]["text"].value() == "A good film."


def test_a_published_text_waits_no_longer(client, address, user):
    client.post(address, {"text": "A good film."})
    sign_in(client, user)
    client.post(address, {"text": "A good film."})
    assert MovieReview.objects.get().author == user
    assert client.get(address).context["form"]["text"].value() is None


def test_a_text_waits_for_its_own_movie_only(client, address, user, make_movies):
    client.post(address, {"text": "A good film."})
    sign_in(client, user)
    other = reverse("reviews:create", args=[make_movies(1)[0].slug])
    assert client.get(other).context["form"]["text"].value() is None


def test_texts_that_wait_are_limited_too(client, address, set_rate):
    set_rate("reviews", "1/min")
    client.post(address, {"text": "The first."})
    assert client.post(address, {"text": "The second."}).status_code == 429
