"""Visitors who have reviewed a movie see their review, not an empty form."""

import pytest
from django.test import Client
from django.urls import reverse

from reviews.models import MovieReview

pytestmark = pytest.mark.django_db

FORM, OWN = 'class="review-form"', 'data-testid="own-review"'


@pytest.fixture
def write(movie):
    return reverse("reviews:create", args=[movie.slug])


def shown(client, address):
    return client.get(address).content.decode()


def test_account_sees_its_review_and_edits_it(user_client, user, movie, make_review, write):
    review = make_review(movie, author=user)
    for address in (movie.get_absolute_url(), write):
        page = shown(user_client, address)
        assert OWN in page
        assert FORM not in page
        assert reverse("reviews:edit", args=[review.pk]) in page


def test_author_sees_their_hidden_review(user_client, user, movie, make_review):
    make_review(movie, author=user)
    MovieReview.objects.update(is_hidden=True, hidden_reason="Insults.")
    page = shown(user_client, movie.get_absolute_url())
    assert OWN in page
    assert "Insults." in page


def test_second_review_of_an_account_is_refused_with_its_text_and_the_first_one(
    user_client, user, movie, make_review, write
):
    make_review(movie, author=user)
    answer = user_client.post(write, {"text": "On second thoughts, bad."})
    assert answer.status_code == 409
    page = answer.content.decode()
    assert OWN in page
    assert "On second thoughts, bad.</textarea>" in page


def test_guest_sees_the_review_of_this_browser(client, movie, write):
    client.post(write, {"text": "Good."})
    page = shown(client, movie.get_absolute_url())
    assert OWN in page
    assert FORM not in page
    assert OWN in shown(client, write)


def test_others_get_an_empty_form(user_client, movie, make_review, write, make_movies, user):
    make_review(movie)
    make_review(make_movies(1)[0], author=user)
    for client in (Client(), user_client):
        page = shown(client, movie.get_absolute_url())
        assert OWN not in page
        assert FORM in page
