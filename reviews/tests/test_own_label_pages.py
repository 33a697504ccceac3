"""The question "Did we read it right?" on a review's page and in the API."""

import pytest
from django.test import Client
from django.urls import reverse

from reviews.models import BlockedTerm, MovieReview
from reviews.submission import edit_review, settle_label, settle_own_label

pytestmark = pytest.mark.django_db

QUESTION = 'data-testid="own-label"'


@pytest.fixture
def review(client, movie):
    """Return the review that a guest has written in the browser ``client``."""
    client.post(reverse("reviews:create", args=[movie.slug]), {"text": "Good, not."})
    return MovieReview.objects.get()


@pytest.fixture
def mine(movie, user, make_review):
    return make_review(movie, "Good, not.", author=user)


def page(client, review):
    return client.get(review.get_absolute_url()).content.decode()


def answer(client, review, author_label, seen=None, **options):
    address = reverse("reviews:settle-own-label", args=[review.pk])
    data = {"author_label": author_label, "seen": seen or review.fingerprint}
    return client.post(address, data, **options)


def address(review):
    return f"/api/v1/reviews/{review.pk}/author-label/"


def test_guest_is_asked_after_submitting_and_answers_with_one_click(client, review):
    assert QUESTION in client.get(f"{review.get_absolute_url()}?new=1").content.decode()
    answer(client, review, "negative")
    review.refresh_from_db()
    assert (review.label, review.label_source) == ("negative", "author")
    assert "the author says" in page(Client(), review)


def test_author_changes_the_answer_and_takes_it_back(client, review):
    for label, source in [("negative", "author"), ("positive", "author"), ("", "model")]:
        assert answer(client, review, label, follow=True).status_code == 200
        review.refresh_from_db()
        assert (review.label_source, review.author_label) == (source, label)


def test_buttons_send_the_label_that_was_shown(client, review):
    shown = page(client, review)
    assert 'name="author_label" value="positive">Yes<' in shown
    assert 'name="author_label" value="negative">No, I did not like it<' in shown


def test_others_are_not_asked_and_cannot_answer(review, user_client):
    for stranger in (Client(), user_client):
        assert QUESTION not in page(stranger, review)
        assert answer(stranger, review, "negative").status_code == 403
    assert MovieReview.objects.get().author_label == ""


def test_author_is_not_asked_once_a_curator_has_decided(client, review):
    settle_label(review=review, human_label="negative")
    assert QUESTION not in page(client, review)
    assert "message--error" in answer(client, review, "positive", follow=True).content.decode()
    assert MovieReview.objects.get().label == "negative"


def test_author_of_a_hidden_review_is_not_asked(client, review):
    MovieReview.objects.update(is_hidden=True)
    assert QUESTION not in page(client, review)
    assert answer(client, review, "positive").status_code == 404


def test_answer_from_a_page_with_an_older_text_is_not_stored(client, review):
    seen = review.fingerprint
    edited = edit_review(review=review, text="Bad.")
    assert (
        "message--error" in answer(client, edited, "positive", seen, follow=True).content.decode()
    )
    assert MovieReview.objects.get().author_label == ""


@pytest.mark.parametrize("label", ["meh", "unread"])
def test_other_answers_are_not_stored(client, review, label):
    answer(client, review, label)
    assert MovieReview.objects.get().author_label == ""


def test_review_with_a_term_blocked_since_is_not_made_certain(client, review, user_api, mine):
    BlockedTerm.objects.create(term="not")
    answer(client, review, "positive")
    assert user_api.put(address(mine), {"author_label": "positive"}).status_code == 400
    assert set(MovieReview.objects.values_list("author_label", flat=True)) == {""}


def test_too_many_answers_are_a_429(client, review, set_rate):
    set_rate("reviews", "2/min")  # writing it was one
    assert [answer(client, review, "positive").status_code for _ in range(2)] == [302, 429]


def test_unreadable_review_asks_whether_the_author_liked_the_movie(client, movie):
    client.post(reverse("reviews:create", args=[movie.slug]), {"text": "zzz"})
    review = MovieReview.objects.get()
    assert "Did you like the movie?" in page(client, review)
    answer(client, review, "positive")
    shown = page(client, review)
    assert "does not count" not in shown
    movie.refresh_from_db()
    assert movie.n_counted == 1


def test_api_sets_and_takes_back_the_authors_label(user_api, mine):
    response = user_api.put(address(mine), {"author_label": "negative"})
    assert (response.status_code, response.json()) == (
        200,
        {"id": mine.pk, "label": "negative", "label_source": "author", "author_label": "negative"},
    )
    assert user_api.get(f"/api/v1/reviews/{mine.pk}/").json()["label_source"] == "author"
    assert user_api.delete(address(mine)).status_code == 204
    assert MovieReview.objects.get().label_source == "model"


@pytest.mark.parametrize("data", [{}, {"author_label": ""}, {"author_label": "meh"}])
def test_api_refuses_other_answers(user_api, mine, data):
    assert user_api.put(address(mine), data).status_code == 400


def test_api_refuses_others(api, mine, django_user_model):
    data = {"author_label": "negative"}
    assert api.put(address(mine), data).status_code == 401
    api.force_authenticate(django_user_model.objects.create_user("eve"))
    assert [api.put(address(mine), data).status_code, api.delete(address(mine)).status_code] == [
        403,
        403,
    ]


def test_api_does_not_overrule_a_curator(user_api, mine):
    settle_label(review=mine, human_label="negative")
    for response in (
        user_api.put(address(mine), {"author_label": "positive"}),
        user_api.delete(address(mine)),
    ):
        assert (response.status_code, response.data["error"]["code"]) == (409, "label_is_final")


def test_queue_shows_what_the_author_says(admin_client, mine):
    settle_own_label(review=mine, author_label="negative")
    MovieReview.objects.update(has_open_reports=True)
    shown = admin_client.get(reverse("admin:reviews_moviereview_queue")).content.decode()
    assert "The author’s label: <b>negative</b>" in shown
    assert "A curator has set" not in shown


def test_admin_shows_whose_label_it_is(admin_client, mine):
    settle_own_label(review=mine, author_label="negative")
    listed = admin_client.get(reverse("admin:reviews_moviereview_changelist"))
    assert "the author" in listed.content.decode()
