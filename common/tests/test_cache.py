"""The site keeps working when Redis is unavailable, hangs or refuses commands."""

import os
import socket
import subprocess
import sys
import threading
import time

import pytest
from django.conf import settings
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import ResponseError

from common.cache import SharedCache
from common.throttling import CountingThrottle
from reviews.models import MovieReview
from tests.support import free_port


@pytest.fixture
def make_cache(monkeypatch):
    monkeypatch.setattr(SharedCache, "_fallback_until", 0.0)

    def make(port):
        made = SharedCache(f"redis://127.0.0.1:{port}/0", {})
        made._fallback.clear()
        monkeypatch.setattr(CountingThrottle, "cache", made)
        return made

    return make


@pytest.fixture
def closed_port():
    return free_port()


@pytest.fixture
def hanging_port():
    """Accept connections and never answer."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:
        yield server.getsockname()[1]


def test_cache_works_while_redis_is_unavailable(make_cache, closed_port):
    cache = make_cache(closed_port)
    assert cache.add("n", 1) is True
    assert cache.incr("n") == 2
    assert cache.decr("n") == 1
    cache.set("a", "b")
    assert (cache.get("a"), cache.get("nothing", "else")) == ("b", "else")
    assert cache.delete("a") is True
    with pytest.raises(ValueError, match="not found"):
        cache.incr("a")


def test_hanging_redis_is_not_asked_again_for_some_seconds(make_cache, hanging_port):
    cache = make_cache(hanging_port)
    calls = []

    def count(*args, **kwargs):
        calls.append(1)
        return original(*args, **kwargs)

    original, RedisCache.get = RedisCache.get, count
    try:
        assert [cache.get("a") for _ in range(20)] == [None] * 20
    finally:
        RedisCache.get = original
    assert len(calls) == 1


def test_redis_is_asked_again_after_some_seconds(make_cache, closed_port, monkeypatch):
    cache = make_cache(closed_port)
    assert cache.get("a") is None
    monkeypatch.setattr(RedisCache, "get", lambda *args, **kwargs: "from Redis")
    assert cache.get("a") is None
    monkeypatch.setattr(SharedCache, "_fallback_until", time.monotonic())
    assert cache.get("a") == "from Redis"


def test_failure_of_redis_is_known_to_all_threads(make_cache, closed_port):
    make_cache(closed_port).get("a")
    seen = []
    thread = threading.Thread(target=lambda: seen.append(SharedCache._fallback_until))
    thread.start()
    thread.join()
    assert seen[0] > time.monotonic()


def test_command_that_redis_rejects_does_not_raise(make_cache, closed_port, monkeypatch):
    def refuse(*args, **kwargs):
        raise ResponseError("OOM command not allowed")

    cache = make_cache(closed_port)
    monkeypatch.setattr(RedisCache, "set", refuse)
    cache.set("a", 1)
    assert cache.get("a") == 1


def test_review_is_stored_while_redis_is_unavailable(make_cache, closed_port, api, movie):
    make_cache(closed_port)
    address = f"/api/v1/movies/{movie.pk}/reviews/"
    answer = api.post(address, {"text": "A warm and funny film.", "author_name": "Ana"})
    assert answer.status_code == 201, answer.content
    assert MovieReview.objects.filter(movie=movie).count() == 1


def test_redis_url_selects_the_shared_cache():
    code = "from tests.settings import CACHES; print(CACHES['default']['BACKEND'])"
    environment = os.environ | {"CACHE_URL": "redis://cache:6379/0"}
    command = [sys.executable, "-c", code]
    process = subprocess.run(command, env=environment, cwd=settings.BASE_DIR, capture_output=True)
    assert process.stdout.decode().strip() == "common.cache.SharedCache"
