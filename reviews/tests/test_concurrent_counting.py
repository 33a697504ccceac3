"""Concurrent changes of a movie's reviews are counted exactly once."""

import random
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections

from movies.models import Movie
from reviews import freshness
from reviews.models import MovieReview, RescoreRun, ReviewBurst
from reviews.moderation import bursts
from reviews.rescoring.lock import rescoring_lock
from reviews.submission import (
    AlreadyReviewed,
    TextChanged,
    edit_review,
    hide_review,
    settle_label,
    submit_review,
    unhide_review,
    withdraw_review,
)

pytestmark = pytest.mark.django_db(transaction=True)

N_THREADS = 8


@pytest.fixture
def needs_row_locks():
    if not connection.features.has_select_for_update:
        pytest.skip("SQLite has one writer at a time; PostgreSQL shows it")


def at_once(function, arguments):
    """Run in threads, and close the database connection of each."""

    def run(argument):
        try:
            return function(argument)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(N_THREADS) as threads:
        return list(threads.map(run, arguments))


def change_one(movies, ids, seed):
    """Submit a review, or edit, label, hide, show or withdraw one of these."""
    chance = random.Random(seed)
    if chance.random() < 0.3:
        text = f"{chance.choice(['Good.', 'Bad.'])} {seed}"
        submit_review(movie=chance.choice(movies), text=text)
        return
    with suppress(MovieReview.DoesNotExist, TextChanged):
        review = MovieReview.objects.get(pk=chance.choice(ids))
        chance.choice(
            [
                lambda: edit_review(review=review, text=chance.choice(["Bad.", "Fine."])),
                lambda: settle_label(review=review, human_label="negative"),
                lambda: settle_label(review=review, human_label=""),
                lambda: hide_review(review=review),
                lambda: unhide_review(review=review),
                lambda: withdraw_review(review=review),
            ]
        )()


def test_simultaneous_submissions_are_all_counted(needs_row_locks, movie):
    texts = [f"{text} {i}" for i in range(20) for text in ("Good.", "Bad.", "zzz")]
    at_once(lambda text: submit_review(movie=movie, text=text), texts)
    movie.refresh_from_db()
    assert (movie.n_reviews, movie.n_counted, movie.n_positive) == (60, 40, 20)
    assert freshness.recount(movie) == {}


def test_counters_are_exact_after_many_concurrent_changes(
    needs_row_locks, make_movies, make_review
):
    movies = make_movies(2)
    ids = [make_review(movies[i % 2], "Good.").pk for i in range(16)]
    at_once(partial(change_one, movies, ids), range(200))
    for movie in Movie.objects.all():
        assert freshness.recount(movie) == {}


def test_counters_are_exact_after_rescoring_amid_other_changes(
    needs_row_locks, release, make_movies, make_review
):
    movies = make_movies(3)
    ids = [make_review(movies[i % 3], f"Good {i}.").pk for i in range(60)]
    MovieReview.objects.update(release=None)
    rescoring = partial(call_command, "rescore", batch=7, verbosity=0)
    changes = [partial(change_one, movies, ids, seed) for seed in range(60)]
    at_once(lambda function: function(), [rescoring, *changes])
    assert RescoreRun.objects.get().finished_at
    assert not MovieReview.objects.filter(release=None).exists()
    for movie in Movie.objects.all():
        assert freshness.recount(movie) == {}


@pytest.mark.parametrize("is_guest", [True, False])
def test_concurrent_submissions_of_the_same_review_give_one(needs_row_locks, movie, user, is_guest):
    def submit(text):
        with suppress(AlreadyReviewed):
            submit_review(movie=movie, text=text, author=None if is_guest else user)

    at_once(submit, ["Good."] * 8)
    movie.refresh_from_db()
    assert MovieReview.objects.count() == movie.n_reviews == 1


def test_concurrent_burst_begins_once_and_is_counted_exactly(needs_row_locks, movie, settings):
    settings.BURST_REVIEWS = 10
    at_once(lambda n: submit_review(movie=movie, text=f"Bad {n}."), range(40))
    movie.refresh_from_db()
    assert (ReviewBurst.objects.count(), movie.n_reviews, movie.n_counted) == (1, 40, 0)
    assert freshness.recount(movie) == {}


def test_counters_are_exact_after_a_decision_amid_other_changes(
    needs_row_locks, movie, settings, admin_user
):
    settings.BURST_REVIEWS = 10
    for n in range(12):
        submit_review(movie=movie, text=f"Bad {n}.")
    ids = list(MovieReview.objects.values_list("pk", flat=True))

    def change(n):
        with suppress(MovieReview.DoesNotExist, ReviewBurst.DoesNotExist, bursts.AlreadyDecided):
            if n % 5 == 0:
                decision = ("count", "hide")[n % 2]
                bursts.decide(
                    burst=ReviewBurst.objects.latest("pk"), decision=decision, by=admin_user
                )
            elif n % 5 == 1:
                submit_review(movie=movie, text=f"Good {n}.")
            else:
                review = MovieReview.objects.get(pk=ids[n % len(ids)])
                (withdraw_review if n % 5 == 2 else hide_review)(review=review)

    at_once(change, range(60))
    movie.refresh_from_db()
    assert freshness.recount(movie) == {}
    assert movie.n_counted == MovieReview.objects.counted().count()


def test_second_rescoring_at_the_same_time_is_an_error(release):
    with rescoring_lock(), pytest.raises(CommandError, match="another rescore is running"):
        at_once(call_command, ["rescore"])
