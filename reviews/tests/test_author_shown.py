"""Pages, API and feeds show whether a name is an account's or a guest's."""

import pytest
from django.urls import reverse

from reviews.models import MovieReview

pytestmark = pytest.mark.django_db

MARK, GUEST = "author__mark", "author__guest"
RIGHT_TO_LEFT = "עדה"


def shown(client, address):
    return client.get(address).content.decode()


def test_an_account_has_a_mark_and_a_guest_has_none(client, movie, make_review, user):
    for review, present, absent in [
        (make_review(movie, author=user, guest_name=""), MARK, GUEST),
        (make_review(movie, guest_name="Bea"), GUEST, MARK),
        (make_review(movie, "A good one.", guest_name=""), None, MARK),
    ]:
        html = shown(client, review.get_absolute_url())
        assert present is None or present in html
        assert absent not in html


def test_lists_show_the_mark(client, movie, make_review, user):
    make_review(movie, author=user, guest_name="")
    make_review(movie, guest_name="Bea")
    for address in (movie.get_absolute_url(), reverse("home")):
        html = shown(client, address)
        assert MARK in html
        assert GUEST in html


def test_a_name_is_shown_as_its_owner_writes_it(client, movie, make_review, user):
    html = shown(client, make_review(movie, author=user, guest_name="").get_absolute_url())
    assert "<bdi>ana</bdi>" in html
    assert ">Ana<" not in html


def test_plain_text_says_that_a_name_is_a_guests(client, movie, make_review, user):
    assert str(make_review(movie, guest_name="Ana")).startswith("Ana (guest) on")
    assert str(make_review(movie, author=user, guest_name="")).startswith("ana on")
    assert "Ana (guest) on" in shown(client, "/reviews.rss")


def test_a_name_cannot_turn_the_text_around_it(movie, make_review):
    review = make_review(movie, guest_name=RIGHT_TO_LEFT)
    assert review.byline == f"\u2068{RIGHT_TO_LEFT}\u2069 (guest)"
    MovieReview.objects.update(guest_name="\u202eanA")
    review.refresh_from_db()
    assert review.author_name == "anA"


def test_a_text_keeps_its_own_direction(client, movie, make_review):
    review = make_review(movie, RIGHT_TO_LEFT)
    for address in (review.get_absolute_url(), movie.get_absolute_url()):
        html = shown(client, address)
        before = html[: html.rindex(RIGHT_TO_LEFT)]
        assert 'dir="auto"' in before[before.rindex("<div") :]


def test_the_api_says_whose_name_it_is(api, movie, make_review, user):
    make_review(movie, guest_name="Bea")
    make_review(movie, author=user, guest_name="")
    results = api.get(f"/api/v1/movies/{movie.pk}/reviews/").data["results"]
    assert [(r["author"], r["author_has_account"]) for r in results] == [
        ("ana", True),
        ("Bea", False),
    ]
