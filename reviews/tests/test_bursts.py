"""Bursts of reviews are held back until a curator decides."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from movies.models import Movie
from reviews import freshness
from reviews.freshness import FreshnessCounts
from reviews.models import MovieReview, ReviewBurst
from reviews.moderation.bursts import decide, hold_back_burst
from reviews.submission import edit_review, hide_review, settle_label, withdraw_review

pytestmark = pytest.mark.django_db

SIZE = 6


class Clock:
    """A clock that advances by some seconds at each call."""

    def __init__(self):
        self.time = timezone.now()

    def __call__(self):
        self.time += timedelta(seconds=5)
        return self.time


@pytest.fixture(autouse=True)
def clock(monkeypatch, settings):
    settings.BURST_REVIEWS = SIZE
    clock = Clock()
    monkeypatch.setattr("django.utils.timezone.now", clock)
    return clock


@pytest.fixture
def old(clock, movie, make_review):
    """Write one review a day, the usual rate."""
    for n in range(5):
        make_review(movie, f"Good {n}.")
        clock.time += timedelta(days=1)


@pytest.fixture
def burst(movie, old, make_reviews):
    make_reviews(movie, SIZE, "Bad.")
    return ReviewBurst.objects.get()


def counters(movie):
    movie.refresh_from_db()
    assert freshness.recount(movie) == {}
    return movie.n_reviews, movie.n_counted, movie.n_positive


def test_burst_is_held_back_with_its_first_reviews(movie, burst):
    assert counters(movie) == (5 + SIZE, 5, 5)
    assert movie.reviews.held_back().count() == burst.reviews.count() == SIZE


def test_one_review_fewer_is_not_a_burst(movie, old, make_reviews):
    make_reviews(movie, SIZE - 1, "Bad.")
    assert counters(movie) == (5 + SIZE - 1, 5 + SIZE - 1, 5)


def test_later_reviews_of_a_burst_are_held_back(movie, burst, make_review):
    review = make_review(movie, "Bad again.")
    assert (review.is_held, review.burst) == (True, burst)
    assert counters(movie)[1] == 5


def test_review_after_the_burst_counts(clock, movie, burst, make_review):
    clock.time += timedelta(hours=1)
    review = make_review(movie, "Good, I say.")
    assert not review.is_held
    assert movie.n_counted == 6


def test_usual_rate_of_a_popular_movie_is_not_a_burst(movie, make_reviews, admin_user):
    make_reviews(movie, SIZE)
    decide(burst=ReviewBurst.objects.get(), decision="count", by=admin_user)
    make_reviews(movie, 2 * SIZE)
    assert ReviewBurst.objects.count() == 1
    assert counters(movie) == (3 * SIZE, 3 * SIZE, 3 * SIZE)


def test_slow_stream_is_not_a_burst(movie, make_reviews, settings):
    settings.BURST_MINUTES = 0
    make_reviews(movie, SIZE + 1)
    assert not ReviewBurst.objects.exists()


def test_burst_does_not_affect_another_movie(burst, make_movies, make_review):
    other = make_movies(1)[0]
    assert not make_review(other).is_held
    assert other.n_counted == 1


def test_review_with_a_human_label_is_not_held_back(movie, old, make_review, make_reviews):
    first = make_review(movie, "Bad 0.")
    settle_label(review=first, human_label="negative")
    make_reviews(movie, SIZE - 1, "Bad.")
    assert counters(movie)[1] == 6


def test_reviews_of_a_burst_are_hidden_with_the_reason(movie, burst, admin_user):
    decide(burst=burst, decision="hide", by=admin_user, reason="Called for in a forum.")
    assert counters(movie) == (5, 5, 5)
    hidden = MovieReview.objects.filter(is_hidden=True)
    assert set(hidden.values_list("hidden_reason", flat=True)) == {"Called for in a forum."}


def test_new_burst_needs_as_many_new_reviews(movie, burst, make_review, make_reviews, admin_user):
    decide(burst=burst, decision="hide", by=admin_user)
    make_reviews(movie, SIZE - 1, "Bad.")
    assert counters(movie)[1] == 5 + SIZE - 1
    make_review(movie, "Bad at last.")
    assert counters(movie)[1] == 5


def test_changes_of_held_reviews_are_not_counted(movie, burst):
    first, second, third, fourth, *_rest = burst.reviews.all()
    edit_review(review=first, text="Good after all.")
    settle_label(review=second, human_label="positive")
    withdraw_review(review=third)
    hide_review(review=fourth)
    assert counters(movie) == (5 + SIZE - 2, 5, 5)


def test_pages_mention_the_burst(client, movie, burst):
    page = client.get(movie.get_absolute_url()).content.decode()
    assert "6 reviews" in page.partition("freshness-panel__held")[2]
    assert page.count("review__held") == SIZE
    review = client.get(burst.reviews.first().get_absolute_url()).content.decode()
    assert 'data-testid="held-back"' in review


def test_page_without_a_burst_does_not_mention_one(client, movie, old):
    assert "held back" not in client.get(movie.get_absolute_url()).content.decode()


@pytest.mark.parametrize(("action", "n_counted"), [("count", 11), ("hide", 5)])
def test_curator_decides_on_a_burst_in_the_admin(
    admin_client, admin_user, movie, burst, action, n_counted
):
    bursts = reverse("admin:reviews_reviewburst_changelist")
    assert str(movie) in admin_client.get(bursts).content.decode()
    data = {"action": action, "_selected_action": [burst.pk], "reason": "Spam."}
    admin_client.post(bursts, data)
    assert ReviewBurst.objects.get().decided_by == admin_user
    assert "already been decided" in admin_client.post(bursts, data, follow=True).content.decode()
    assert counters(movie)[1] == n_counted


def test_admin_page_of_a_burst_shows_its_reviews(admin_client, burst):
    page = admin_client.get(reverse("admin:reviews_reviewburst_change", args=[burst.pk]))
    assert "Bad." in page.content.decode()


def test_queue_links_undecided_bursts(admin_client, burst):
    queue = admin_client.get(reverse("admin:reviews_moviereview_queue")).content.decode()
    assert reverse("admin:reviews_reviewburst_changelist") in queue


def test_detection_costs_one_query(movie, old, make_review, django_assert_num_queries):
    review = make_review(movie)
    counts = FreshnessCounts(Movie.objects.get())
    with django_assert_num_queries(1):
        hold_back_burst(counts, review)
