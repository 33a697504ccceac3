"""Rescoring during other changes, and after it was killed."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection, connections

from movies.models import Movie
from reviews import freshness
from reviews.models import MovieReview, RescoreRun
from reviews.rescoring.lock import rescoring_lock
from reviews.submission import (
    TextChanged,
    edit_review,
    hide_review,
    settle_label,
    submit_review,
    withdraw_review,
)


def in_thread(threads, function, *args):
    def run():
        try:
            return function(*args)
        finally:
            connections.close_all()

    return threads.submit(run)


@pytest.mark.django_db(transaction=True)
def test_second_rescoring_at_the_same_time_is_an_error(release):
    with rescoring_lock(), ThreadPoolExecutor(1) as threads:
        second = in_thread(threads, call_command, "rescore")
        with pytest.raises(CommandError, match="another rescore is running"):
            second.result()


@pytest.mark.django_db(transaction=True)
def test_counters_are_exact_after_rescoring_amid_other_changes(release, make_movies, make_review):
    if not connection.features.has_select_for_update:
        pytest.skip("SQLite has one writer at a time; PostgreSQL shows it")
    movies = make_movies(3)
    ids = [make_review(movies[i % 3], f"Good {i}.").pk for i in range(60)]
    MovieReview.objects.update(release=None)

    def change(seed):
        chance = random.Random(seed)
        submit_review(movie=chance.choice(movies), text=f"Bad {seed}")
        with suppress(MovieReview.DoesNotExist, TextChanged):
            review = MovieReview.objects.get(pk=chance.choice(ids))
            chance.choice(
                [
                    lambda: edit_review(review=review, text=f"Bad now {seed}."),
                    lambda: settle_label(review=review, human_label="negative"),
                    lambda: hide_review(review=review),
                    lambda: withdraw_review(review=review),
                ]
            )()

    with ThreadPoolExecutor(5) as threads:
        changes = [in_thread(threads, change, seed) for seed in range(60)]
        rescoring = in_thread(threads, lambda: call_command("rescore", batch=7, verbosity=0))
        for future in [*changes, rescoring]:
            future.result()
    assert RescoreRun.objects.get().finished_at
    assert not MovieReview.objects.filter(release=None).exists()
    for movie in Movie.objects.all():
        assert freshness.recount(movie) == {}


@pytest.fixture
def site(tmp_path):
    """Create a site with the demo reviews, none of which the champion has scored."""
    path = tmp_path / "site.sqlite3"
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "rottenpotatoes.settings",
        "DATABASE_URL": f"sqlite:///{path}",
        "VAR_DIR": str(tmp_path),
        "DEBUG": "true",
        "LOG_LEVEL": "ERROR",
    }

    def manage(*args):
        command = [sys.executable, "manage.py", *args]
        return subprocess.Popen(
            command, cwd=settings.BASE_DIR, env=environment, stdout=subprocess.PIPE, text=True
        )

    for command in ("migrate", "seed"):
        assert manage(command, "--verbosity=0").wait() == 0
    with closing(sqlite3.connect(path)) as database:
        database.execute("UPDATE reviews_moviereview SET release_id = NULL")
        database.commit()
    return manage, path


def n_read(path):
    with closing(sqlite3.connect(path, timeout=20)) as database:
        rows = database.execute("SELECT n_read FROM reviews_rescorerun").fetchall()
    return rows[0][0] if rows else 0


def test_killed_rescoring_is_exact_and_continues(site):
    manage, path = site
    rescoring = manage("rescore", "--batch", "1")
    deadline = time.monotonic() + 60
    while n_read(path) < 5 and rescoring.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    rescoring.send_signal(signal.SIGKILL)
    rescoring.wait()
    killed_at = n_read(path)
    assert 5 <= killed_at < 700
    assert "drift: none" in manage("recount").communicate()[0]
    output = manage("rescore").communicate()[0]
    assert f"continuing after {killed_at} reviews" in output
    assert "drift: none" in manage("recount").communicate()[0]
