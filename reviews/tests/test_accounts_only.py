"""GUEST_REVIEWS=false: guests sign in first, and their text is kept."""

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


def test_movie_page_shows_a_sign_in_link_instead_of_the_form(client, address, movie):
    page = client.get(movie.get_absolute_url()).content.decode()
    assert f"{reverse('login')}?next={address}" in page
    assert "<textarea" not in page


def test_movie_page_shows_the_form_to_an_account(user_client, address, movie):
    assert "<textarea" in user_client.get(movie.get_absolute_url()).content.decode()


def test_form_page_redirects_to_sign_in_and_back(client, address):
    assert client.get(address).url == f"{reverse('login')}?next={address}"


def test_text_posted_by_a_guest_is_shown_and_not_published(client, address):
    response = client.post(address, {"text": "A good film."})
    assert response.status_code == 403
    assert "A good film." in response.content.decode()
    assert not MovieReview.objects.exists()


def test_form_contains_the_draft_after_sign_in(client, address, user):
    client.post(address, {"text": "A good film."})
    back = sign_in(client, user, next=address)
    assert client.get(back.url).context["form"]["text"].value() == "A good film."


def test_draft_is_removed_when_it_is_published(client, address, user):
    client.post(address, {"text": "A good film."})
    sign_in(client, user)
    client.post(address, {"text": "A good film."})
    assert MovieReview.objects.get().author == user
    assert client.get(address).context["form"]["text"].value() is None


def test_draft_is_shown_for_its_own_movie_only(client, address, user, make_movies):
    client.post(address, {"text": "A good film."})
    sign_in(client, user)
    other = reverse("reviews:create", args=[make_movies(1)[0].slug])
    assert client.get(other).context["form"]["text"].value() is None


def test_drafts_are_limited(client, address, set_rate):
    set_rate("reviews", "1/min")
    client.post(address, {"text": "The first."})
    assert client.post(address, {"text": "The second."}).status_code == 429
