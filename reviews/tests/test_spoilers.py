"""A review that contains spoilers is folded, because its author says so."""

import pytest
from django.urls import reverse

from reviews.models import MovieReview
from reviews.submission import edit_review

pytestmark = pytest.mark.django_db
FOLD = '<details class="spoiler"'


def test_the_author_marks_a_spoiler_in_the_form(client, movie):
    address = reverse("reviews:create", args=[movie.slug])
    client.post(address, {"text": "He is a ghost.", "has_spoilers": "on"})
    assert MovieReview.objects.get().has_spoilers


@pytest.mark.parametrize("page", ["home", "movie", "review"])
@pytest.mark.parametrize("has_spoilers", [True, False])
def test_only_a_spoiler_is_folded(client, movie, make_review, page, has_spoilers):
    review = make_review(movie, "He is a ghost.", has_spoilers=has_spoilers)
    client.logout()
    addresses = {"home": "/", "movie": movie.get_absolute_url()}
    html = client.get(addresses.get(page, review.get_absolute_url())).content.decode()
    assert (FOLD in html) == has_spoilers


def test_the_description_of_a_spoiler_does_not_give_it_away(client, movie, make_review):
    review = make_review(movie, "He is a ghost.", has_spoilers=True)
    head = client.get(review.get_absolute_url()).content.decode().partition("</head>")[0]
    assert "ghost" not in head


def test_the_api_takes_and_shows_the_mark(api, movie):
    address = f"/api/v1/movies/{movie.pk}/reviews/"
    made = api.post(address, {"text": "He is a ghost.", "has_spoilers": True})
    assert made.json()["has_spoilers"] is True
    assert MovieReview.objects.get().has_spoilers


def test_a_mark_changes_without_the_text_being_read_again(api, movie, make_review, user, no_model):
    review = make_review(movie, "He is a ghost.", author=user)
    MovieReview.objects.update(text="Rewritten meanwhile.")
    api.force_authenticate(user)
    api.patch(f"/api/v1/reviews/{review.pk}/", {"has_spoilers": True})
    review.refresh_from_db()
    assert (review.has_spoilers, review.text) == (True, "Rewritten meanwhile.")


def test_an_edit_of_the_words_keeps_the_mark(movie, make_review):
    review = make_review(movie, "He is a ghost.", has_spoilers=True)
    assert edit_review(review=review, text="He was a ghost.").has_spoilers
