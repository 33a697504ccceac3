"""Pages on which accounts and guests manage their own reviews."""

import pytest
from django.urls import reverse

from reviews import freshness
from reviews.models import Label, MovieReview
from reviews.submission import hide_review

pytestmark = pytest.mark.django_db

MINE = reverse("reviews:mine")


def page(name, review):
    return reverse(f"reviews:{name}", args=[review.pk])


@pytest.fixture
def review(movie, make_review, user):
    make_review(movie, "Somebody else's.")
    return make_review(movie, "A good film.", author=user)


@pytest.fixture
def guests(client, movie):
    client.post(reverse("reviews:create", args=[movie.slug]), {"text": "A guest's."})
    return MovieReview.objects.get(text="A guest's.")


def test_page_lists_only_own_reviews(user_client, review):
    assert list(user_client.get(MINE).context["reviews"]) == [review]


def test_page_lists_the_reviews_of_a_guest_in_the_same_browser(client, review, guests):
    shown = client.get(MINE)
    assert list(shown.context["reviews"]) == [guests]
    assert reverse("signup") in shown.content.decode()


def test_page_without_reviews_links_the_movies(client):
    assert reverse("movies:list") in client.get(MINE).content.decode()


def test_edited_review_is_scored_and_counted(user_client, movie, review):
    assert "A good film." in user_client.get(page("edit", review)).content.decode()
    done = user_client.post(page("edit", review), {"text": "A bad film.", "has_spoilers": "on"})
    assert done.url == review.get_absolute_url()
    review.refresh_from_db()
    movie.refresh_from_db()
    assert (review.label, review.has_spoilers) == (Label.NEGATIVE, True)
    assert (movie.n_reviews, movie.n_positive) == (2, 1)
    assert freshness.recount(movie) == {}


def test_withdrawal_asks_for_confirmation(user_client, movie, review):
    assert "A good film." in user_client.get(page("withdraw", review)).content.decode()
    assert user_client.post(page("withdraw", review)).url == MINE
    movie.refresh_from_db()
    assert (MovieReview.objects.count(), movie.n_reviews) == (1, 1)
    assert freshness.recount(movie) == {}


def test_guest_edits_and_withdraws_in_the_same_browser(client, guests):
    client.post(page("edit", guests), {"text": "A bad film."})
    guests.refresh_from_db()
    assert guests.text == "A bad film."
    client.post(page("withdraw", guests))
    assert not MovieReview.objects.exists()


@pytest.mark.parametrize("name", ["edit", "withdraw"])
def test_others_cannot_change_a_review(client, django_user_model, review, name):
    for _ in range(2):
        assert client.get(page(name, review)).status_code == 403
        assert client.post(page(name, review), {"text": "Bad."}).status_code == 403
        client.force_login(django_user_model.objects.get_or_create(username="eve")[0])
    review.refresh_from_db()
    assert review.text == "A good film."


def test_edit_to_an_invalid_text_is_an_error_of_the_form(user_client, review):
    answer = user_client.post(page("edit", review), {"text": " "})
    assert answer.status_code == 400
    assert answer.context["form"].errors["text"]


def test_edit_over_the_limit_keeps_the_text_in_the_form(user_client, review, set_rate):
    set_rate("reviews", "1/min")
    user_client.post(page("edit", review), {"text": "The first."})
    answer = user_client.post(page("edit", review), {"text": "The second."})
    assert answer.status_code == 429
    assert "The second." in answer.content.decode()


def test_withdrawn_review_cannot_be_edited(user_client, review):
    user_client.post(page("withdraw", review))
    assert user_client.post(page("edit", review), {"text": "Back again."}).status_code == 404


def test_hidden_review_is_shown_only_to_its_author(client, user, review):
    hide_review(review=review)
    assert client.get(page("edit", review)).status_code == 404
    client.force_login(user)
    assert "A curator has hidden this review" in client.get(MINE).content.decode()


def test_page_makes_a_fixed_number_of_queries(
    user_client, user, make_movies, make_review, django_assert_num_queries
):
    for movie in make_movies(2):
        make_review(movie, author=user)
    with django_assert_num_queries(4):
        user_client.get(MINE)
    for movie in make_movies(10):
        make_review(movie, author=user)
    with django_assert_num_queries(4):
        user_client.get(MINE)
