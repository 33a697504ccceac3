"""Disputes and reports on a review's page and in the API."""

import pytest
from django.test import Client
from django.urls import reverse

from reviews.models import MovieReview
from reviews.submission import dispute_review, settle_label

pytestmark = pytest.mark.django_db


@pytest.fixture
def review(client, movie):
    """Return the review that a guest has written in the browser ``client``."""
    client.post(reverse("reviews:create", args=[movie.slug]), {"text": "Good, not."})
    return MovieReview.objects.get()


@pytest.fixture
def mine(movie, user, make_review):
    return make_review(movie, "Good, not.", author=user, guest_name="")


def at(name, review):
    return reverse(f"reviews:{name}", args=[review.pk])


def page(client, review):
    return client.get(review.get_absolute_url()).content.decode()


def test_guest_disputes_from_the_browser_that_wrote_the_review(client, review):
    assert reverse("reviews:dispute", args=[review.pk]) in page(client, review)
    answer = client.post(at("dispute", review), {"note": "Irony."}, follow=True)
    review.refresh_from_db()
    assert review.disputed_at
    assert review.dispute_note == "Irony."
    assert "message--success" in answer.content.decode()


def test_author_withdraws_a_dispute(client, review):
    client.post(at("dispute", review), {"note": "Irony."})
    assert reverse("reviews:withdraw-dispute", args=[review.pk]) in page(client, review)
    client.post(at("withdraw-dispute", review))
    review.refresh_from_db()
    assert (review.disputed_at, review.dispute_note) == (None, "")


@pytest.mark.parametrize("name", ["dispute", "withdraw-dispute"])
def test_other_guests_cannot_dispute(review, name):
    dispute_review(review=review) if name == "withdraw-dispute" else None
    before = MovieReview.objects.get().disputed_at
    stranger = Client()
    assert reverse("reviews:dispute", args=[review.pk]) not in page(stranger, review)
    assert stranger.post(at(name, review)).status_code == 403
    assert MovieReview.objects.get().disputed_at == before


def test_dispute_of_a_human_label_shows_an_error(client, review):
    settle_label(review=review, human_label="negative")
    answer = client.post(at("dispute", review), follow=True)
    assert "message--error" in answer.content.decode()


def test_note_that_is_too_long_is_rejected(client, review):
    client.post(at("dispute", review), {"note": "x" * 301})
    review.refresh_from_db()
    assert review.disputed_at is None


def test_anyone_can_report_a_review(review):
    answer = Client().post(at("report", review), {"reason": "spam"}, follow=True)
    review.refresh_from_db()
    assert review.has_open_reports
    assert "message--success" in answer.content.decode()


def test_report_without_a_valid_reason_is_not_stored(review):
    Client().post(at("report", review), {"reason": "boring"})
    assert not review.reports.exists()


def test_too_many_reports_are_a_429(review, set_rate):
    set_rate("reports", "1/min")
    stranger = Client()
    codes = [stranger.post(at("report", review), {"reason": "spam"}).status_code for _ in range(2)]
    assert codes == [302, 429]


@pytest.mark.parametrize("name", ["dispute", "report"])
def test_hidden_review_cannot_be_disputed_or_reported(client, review, name):
    MovieReview.objects.update(is_hidden=True)
    assert client.post(at(name, review), {"reason": "spam"}).status_code == 404
    assert client.get(at(name, review)).status_code == 405


def test_api_disputes_and_withdraws_the_dispute(user_api, mine):
    answer = user_api.post(f"/api/v1/reviews/{mine.pk}/dispute/", {"note": "Irony."})
    assert (answer.status_code, answer.data["note"]) == (200, "Irony.")
    assert answer.data["disputed_at"]
    assert user_api.delete(f"/api/v1/reviews/{mine.pk}/dispute/").status_code == 204
    mine.refresh_from_db()
    assert mine.disputed_at is None


def test_others_cannot_dispute_in_the_api(api, mine, django_user_model):
    address = f"/api/v1/reviews/{mine.pk}/dispute/"
    assert api.post(address).status_code == 401
    api.force_authenticate(django_user_model.objects.create_user("eve"))
    assert [api.post(address).status_code, api.delete(address).status_code] == [403, 403]


def test_dispute_of_a_human_label_in_the_api_is_a_409(user_api, mine):
    settle_label(review=mine, human_label="negative")
    answer = user_api.post(f"/api/v1/reviews/{mine.pk}/dispute/")
    assert (answer.status_code, answer.data["error"]["code"]) == (409, "nothing_to_dispute")


def test_anyone_can_report_a_review_in_the_api(api, mine):
    address = f"/api/v1/reviews/{mine.pk}/report/"
    assert api.post(address, {"reason": "abuse"}).status_code == 201
    assert api.post(address, {"reason": "boring"}).status_code == 400
    mine.refresh_from_db()
    assert mine.has_open_reports
