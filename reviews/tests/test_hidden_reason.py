"""Authors of hidden reviews see them, with the reason."""

import pytest
from django.urls import reverse
from django.utils.html import strip_tags

from reviews import freshness
from reviews.models import MovieReview, ReviewBurst
from reviews.moderation.reports import report_review
from reviews.submission import hide_review, settle_label, unhide_review

pytestmark = pytest.mark.django_db


@pytest.fixture
def review(movie, make_review, user):
    return make_review(movie, "A good film.", author=user)


def stored(review):
    return MovieReview.objects.get(pk=review.pk)


def test_author_sees_the_reason(user_client, review):
    hide_review(review=review, reason="Please leave the director's family alone.")
    for address in (reverse("reviews:mine"), review.get_absolute_url()):
        assert "leave the director&#x27;s family alone" in user_client.get(address).content.decode()


def held_back(review):
    burst = ReviewBurst.objects.create(movie=review.movie)
    MovieReview.objects.filter(pk=review.pk).update(is_held=True, burst=burst)
    freshness.recount(freshness.lock_movie(review.movie_id), save=True)


def uncertain(review):
    MovieReview.objects.filter(pk=review.pk).update(p_positive=0.52)
    freshness.recount(freshness.lock_movie(review.movie_id), save=True)


def settled(review):
    settle_label(review=review, human_label="negative")


@pytest.mark.parametrize(
    ("become", "promise"),
    [
        (uncertain, "has been published"),
        (uncertain, "so a curator will take a look"),
        (settled, "the one that counts"),
        (held_back, "until a curator has checked it"),
    ],
)
def test_page_of_a_hidden_review_no_longer_promises_anything(user_client, review, become, promise):
    become(review)
    address = f"{review.get_absolute_url()}?new=1"
    assert promise in " ".join(strip_tags(user_client.get(address).content.decode()).split())
    hide_review(review=stored(review))
    assert promise not in " ".join(strip_tags(user_client.get(address).content.decode()).split())


def test_others_see_neither_review_nor_reason(client, django_user_model, review):
    hide_review(review=review, reason="No.")
    assert client.get(review.get_absolute_url()).status_code == 404
    client.force_login(django_user_model.objects.create_user("eve"))
    assert client.get(review.get_absolute_url()).status_code == 404


def test_guest_sees_the_reason_in_the_same_browser(client, movie):
    client.post(reverse("reviews:create", args=[movie.slug]), {"text": "A guest's."})
    hide_review(review=MovieReview.objects.get(), reason="No guests today.")
    assert "No guests today." in client.get(reverse("reviews:mine")).content.decode()


def test_showing_the_review_again_removes_the_reason(review):
    hide_review(review=review, reason="No.")
    unhide_review(review=review)
    assert stored(review).hidden_reason == ""


def test_queue_stores_a_reason(admin_client, review):
    report_review(review=review, reason="abuse")
    seen = review.fingerprint
    data = {"review": review.pk, "decision": "hide", "seen": seen, "reason": "Insults."}
    admin_client.post(reverse("admin:reviews_moviereview_queue"), data)
    assert stored(review).hidden_reason == "Insults."


def test_admin_action_stores_a_reason(admin_client, review):
    data = {"action": "hide", "_selected_action": [review.pk], "reason": "Insults."}
    admin_client.post(reverse("admin:reviews_moviereview_changelist"), data)
    assert (stored(review).is_hidden, stored(review).hidden_reason) == (True, "Insults.")
