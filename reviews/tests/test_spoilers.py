"""Reviews that their authors mark as spoilers are folded."""

import pytest
from django.urls import reverse

from reviews.models import MovieReview
from reviews.submission import edit_review

pytestmark = pytest.mark.django_db
FOLD = '<details class="spoiler"'


def test_author_marks_a_spoiler_in_the_form(client, movie):
    address = reverse("reviews:create", args=[movie.slug])
    client.post(address, {"text": "He is a ghost.", "has_spoilers": "on"})
    assert MovieReview.objects.get().has_spoilers


@pytest.mark.parametrize("page", ["home", "movie", "review"])
@pytest.mark.parametrize("has_spoilers", [True, False])
def test_only_spoilers_are_folded(client, movie, make_review, page, has_spoilers):
    review = make_review(movie, "He is a ghost.", has_spoilers=has_spoilers)
    client.logout()
    addresses = {"home": "/", "movie": movie.get_absolute_url()}
    html = client.get(addresses.get(page, review.get_absolute_url())).content.decode()
    assert (FOLD in html) == has_spoilers


def test_meta_description_does_not_quote_a_spoiler(client, movie, make_review):
    review = make_review(movie, "He is a ghost.", has_spoilers=True)
    head = client.get(review.get_absolute_url()).content.decode().partition("</head>")[0]
    assert "ghost" not in head


def test_api_stores_and_returns_the_mark(api, movie):
    address = f"/api/v1/movies/{movie.pk}/reviews/"
    made = api.post(address, {"text": "He is a ghost.", "has_spoilers": True})
    assert made.json()["has_spoilers"] is True
    assert MovieReview.objects.get().has_spoilers


def test_mark_changes_without_scoring_the_text_again(user_api, movie, make_review, user, no_model):
    review = make_review(movie, "He is a ghost.", author=user)
    MovieReview.objects.update(text="Rewritten.")
    user_api.patch(f"/api/v1/reviews/{review.pk}/", {"has_spoilers": True})
    review.refresh_from_db()
    assert (review.has_spoilers, review.text) == (True, "Rewritten.")


def test_edit_of_the_text_keeps_the_mark(movie, make_review):
    review = make_review(movie, "He is a ghost.", has_spoilers=True)
    assert edit_review(review=review, text="He was a ghost.").has_spoilers
