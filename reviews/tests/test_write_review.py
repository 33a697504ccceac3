"""The page on which a review is written."""

import pytest
from django.urls import reverse

from reviews.models import MovieReview

pytestmark = pytest.mark.django_db


@pytest.fixture
def address(movie):
    return reverse("reviews:create", args=[movie.slug])


def test_guest_writes_a_review_and_sees_its_label(client, address):
    response = client.post(address, {"text": "A good film.", "guest_name": "Ana"}, follow=True)
    review = MovieReview.objects.get()
    assert response.redirect_chain == [(f"{review.get_absolute_url()}?new=1", 302)]
    assert response.context["just_submitted"]
    assert (review.author_name, review.label) == ("Ana", "positive")


def test_review_of_an_account_has_its_name(user_client, address, user):
    assert "guest_name" not in user_client.get(address).context["form"].fields
    user_client.post(address, {"text": "A good film.", "guest_name": "Eve"})
    assert MovieReview.objects.get().author == user


def test_second_review_of_an_account_is_a_409(user_client, address):
    user_client.post(address, {"text": "A good film."})
    response = user_client.post(address, {"text": "A better film."})
    assert response.status_code == 409
    assert "A better film." in response.content.decode()
    assert MovieReview.objects.count() == 1


def test_pasted_windows_1252_is_stored_repaired(client, address):
    client.post(address, {"text": "It\x92s a good movie\x85"})
    assert MovieReview.objects.get().text == "It’s a good movie…"


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"text": "  \n"},
        {"text": "good\x00film"},
        {"text": "good film", "guest_name": "x" * 61},
        {"text": "good film", "guest_name": "A\x00na"},
        {"text": "good film", "website": "https://spam.example"},
    ],
)
def test_invalid_input_is_rejected_and_not_stored(client, address, data):
    assert client.post(address, data).status_code == 400
    assert not MovieReview.objects.exists()


def test_rejected_text_is_kept_in_the_form(client, address):
    response = client.post(address, {"text": "A good film.", "guest_name": "x" * 61})
    assert "A good film." in response.content.decode()


def test_invalid_utf8_is_not_a_server_error(client, address):
    response = client.post(
        address, b"text=a%20good%20film%FF%FE", content_type="application/x-www-form-urlencoded"
    )
    assert response.status_code < 500


def test_unknown_movie_is_a_404(client, db):
    assert client.post("/movies/no-such-film/review/", {"text": "Good."}).status_code == 404


def test_review_over_the_limit_is_a_429_that_keeps_the_text(client, address, set_rate):
    set_rate("reviews", "1/min")
    client.post(address, {"text": "The first."})
    response = client.post(address, {"text": "The second."})
    assert response.status_code == 429
    assert 0 < int(response["Retry-After"]) <= 60
    assert "The second." in response.content.decode()
    assert MovieReview.objects.count() == 1


def test_form_and_api_share_one_limit(client, api, address, movie, set_rate):
    set_rate("reviews", "1/min")
    client.post(address, {"text": "The first."})
    response = api.post(f"/api/v1/movies/{movie.pk}/reviews/", {"text": "The second."})
    assert response.status_code == 429


def test_form_without_a_csrf_token_is_rejected(movie, address):
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)
    assert strict.post(address, {"text": "A good film."}).status_code == 403
    assert not MovieReview.objects.exists()


def test_double_click_leads_to_the_same_review(client, api, address, movie):
    pages = [client.post(address, {"text": "A good film."}).url for _ in range(2)]
    posted = api.post(f"/api/v1/movies/{movie.pk}/reviews/", {"text": "A good film."})
    review = MovieReview.objects.get()
    assert pages == [f"{review.get_absolute_url()}?new=1"] * 2
    assert (posted.status_code, posted.data["id"]) == (201, review.pk)


@pytest.mark.parametrize("name", ["Ana", "аnа", "a\u200bna", "\u202eana", "ana ✓", "@ana", "áná"])
def test_a_guest_cannot_look_like_an_account(client, api, address, movie, user, name):
    data = {"text": "A good film.", "guest_name": name}
    page = client.post(address, data)
    assert page.context["form"].has_error("guest_name", "name_taken")
    assert "A good film." in page.content.decode()
    answer = api.post(f"/api/v1/movies/{movie.pk}/reviews/", data)
    assert (answer.status_code, list(answer.data["error"]["fields"])) == (400, ["guest_name"])


def test_a_guest_name_is_stored_without_invisible_characters(client, address):
    client.post(address, {"text": "A good film.", "guest_name": "\u202eBe\u200ba\u3164"})
    assert MovieReview.objects.get().guest_name == "Bea"
