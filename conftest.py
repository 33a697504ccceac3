"""Fixtures for the tests of all apps."""

import itertools
import json
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from hypothesis import settings as hypothesis_settings
from rest_framework.test import APIClient

from common.throttling import CountingThrottle
from mlmodel.models import Release
from mlmodel.sentiment.errors import ModelUnavailable
from mlmodel.sentiment.io.loader import load_scorer
from mlmodel.sentiment.models.explanation import Contribution, Explanation, Span
from mlmodel.sentiment.models.prediction import Prediction
from mlmodel.sentiment.models.scorer import Scorer
from mlmodel.serving import champion
from movies.models import Movie
from observability.logging import JsonFormatter, RequestIdFilter
from reviews.models import MovieReview

# Without deadlines: a busy machine must not fail a test.
hypothesis_settings.register_profile("untimed", deadline=None)
hypothesis_settings.load_profile("untimed")


@pytest.hookimpl(trylast=True)  # after the browser tests have their marker
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files of long tests, so that no process waits for one at the end."""
    is_long = {
        item.path for item in items if {"slow", "browser"} & {m.name for m in item.iter_markers()}
    }
    items.sort(key=lambda item: item.path not in is_long)


@dataclass
class FixedScorer:
    """Labels "bad" negative, "zzz" unreadable and everything else positive."""

    version: str = "test-1"

    def predict(self, text: str) -> Prediction:
        if "zzz" in text:
            return Prediction(p_positive=0.5, vocabulary_coverage=0.0, reason="unknown_words")
        return Prediction(0.1 if "bad" in text.lower() else 0.9, vocabulary_coverage=1.0)

    def predict_many(self, texts: Sequence[str]) -> list[Prediction]:
        return [self.predict(text) for text in texts]

    def explain(self, text: str) -> Explanation:
        prediction = self.predict(text)
        weight = 1.0 if prediction.p_positive > 0.5 else -1.0
        return Explanation(
            prediction, (Span(text, weight),), (Contribution(text, weight),), weight, 0.0
        )


class BrokenScorer(FixedScorer):
    """Raises for every text."""

    def predict(self, text: str) -> Prediction:
        raise RuntimeError("the scorer is broken")


@pytest.fixture(scope="session")
def scorer() -> Scorer:
    """The model that is part of the repository."""
    return load_scorer(settings.PRETRAINED_MODEL, version="pretrained")


@pytest.fixture(autouse=True)
def nothing_shared(settings, tmp_path_factory) -> None:
    """Isolate tests: no shared lock files, no language of an earlier request."""
    settings.VAR_DIR = tmp_path_factory.getbasetemp()
    translation.deactivate()


@pytest.fixture
def set_rate(monkeypatch) -> Callable[[str, str | None], None]:
    """Set the rate of a throttle: ``set_rate("reviews", "1/min")``."""
    return partial(monkeypatch.setitem, CountingThrottle.THROTTLE_RATES)


@pytest.fixture(autouse=True)
def fixed_scorer() -> Iterator[FixedScorer]:
    fixed = FixedScorer()
    cache.clear()  # the counts of throttles
    with champion.override(champion.Served(fixed, None)):
        yield fixed


@pytest.fixture
def release(db, fixed_scorer) -> Iterator[Release]:
    """A release that is champion and served."""
    release = Release.objects.create(
        version=fixed_scorer.version,
        is_champion=True,
        algorithm="fixed",
        checksum="0" * 64,
        metrics={"accuracy": 0.9},
    )
    with champion.override(champion.Served(fixed_scorer, release)):
        yield release


@pytest.fixture
def no_model(monkeypatch) -> Iterator[None]:
    def unavailable() -> None:
        raise ModelUnavailable("there is no model")

    monkeypatch.setattr(champion.holder, "_load", unavailable)
    with champion.override(None):
        yield


@pytest.fixture
def broken_scorer() -> Iterator[None]:
    with champion.override(champion.Served(BrokenScorer(), None)):
        yield


@pytest.fixture
def count_queries() -> Callable[..., int]:
    """Return a function that calls another one and returns the number of its queries."""

    def count(function: Callable, *args, **kwargs) -> int:
        with CaptureQueriesContext(connection) as captured:
            function(*args, **kwargs)
        return len(captured)

    return count


@pytest.fixture
def logged(caplog) -> Callable[..., list[dict]]:
    """Return a function that returns the events so far, of one type or all, as they are sent."""
    caplog.set_level(logging.INFO)
    caplog.handler.addFilter(RequestIdFilter())

    def events(event_type: str | None = None) -> list[dict]:
        entries = [json.loads(JsonFormatter().format(record)) for record in caplog.records]
        return [entry for entry in entries if event_type in (None, entry["event_type"])]

    return events


@pytest.fixture
def make_movies(db) -> Callable[..., list[Movie]]:
    numbers = itertools.count(1)

    def make(n: int, **fields) -> list[Movie]:
        made = []
        for number in itertools.islice(numbers, n):
            movie = Movie(**{"title": f"Movie {number}", "year": 1950 + number % 70, **fields})
            movie.prepare()
            made.append(movie)
        return Movie.objects.bulk_create(made)

    return make


@pytest.fixture
def movie(make_movies) -> Movie:
    return make_movies(1)[0]


@pytest.fixture
def make_review(db) -> Callable[..., MovieReview]:
    from reviews.submission import submit_review

    numbers = itertools.count(1)

    def make(movie: Movie, text: str = "A good movie.", **fields) -> MovieReview:
        guest = {"author": None, "guest_name": f"Guest {next(numbers)}"}
        review = submit_review(movie=movie, text=text, **guest | fields)
        movie.refresh_from_db()
        return review

    return make


@pytest.fixture
def make_reviews(make_review) -> Callable[..., list[MovieReview]]:
    def make(movie: Movie, n: int, text: str = "A good movie.") -> list[MovieReview]:
        return [make_review(movie, text) for _ in range(n)]

    return make


@pytest.fixture
def user(django_user_model):
    return django_user_model.objects.create_user("ana", password="a-long-password-1")


@pytest.fixture
def user_client(user) -> Client:
    """A browser in which ``user`` is signed in."""
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def api() -> APIClient:
    return APIClient()


@pytest.fixture
def user_api(user) -> APIClient:
    """An API client with the credentials of ``user``."""
    client = APIClient()
    client.force_authenticate(user)
    return client


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Collect doctests only from modules that have some: others need not be imported."""
    if collection_path.suffix != ".py" or collection_path.name.startswith("test_"):
        return None
    return ">>> " not in collection_path.read_text(encoding="utf-8") or None
