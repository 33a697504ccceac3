"""The site keeps working when Redis is unavailable, hangs or refuses commands."""

import os
import sys
import time

import pytest
from django.conf import settings
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import ResponseError

from common.cache import SharedCache
from common.throttling import CountingThrottle
from reviews.models import MovieReview
from tests.support import free_port, run, tcp_blackhole


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


def test_hanging_redis_is_not_asked_again_for_some_seconds(make_cache, monkeypatch):
    with tcp_blackhole() as port:
        cache = make_cache(port)
        assert cache.get("a") is None
        monkeypatch.setattr(RedisCache, "get", pytest.fail)
        assert cache.get("a") is None


def test_redis_is_asked_again_after_some_seconds(make_cache, closed_port, monkeypatch):
    cache = make_cache(closed_port)
    assert cache.get("a") is None
    monkeypatch.setattr(RedisCache, "get", lambda *args, **kwargs: "from Redis")
    assert cache.get("a") is None
    monkeypatch.setattr(SharedCache, "_fallback_until", time.monotonic())
    assert cache.get("a") == "from Redis"


def test_failure_of_redis_is_known_to_all_cache_objects(make_cache, closed_port, monkeypatch):
    make_cache(closed_port).get("a")
    monkeypatch.setattr(RedisCache, "get", pytest.fail)  # every thread has a cache of its own
    assert make_cache(closed_port).get("a") is None


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
    process = run(sys.executable, "-c", code, env=environment, cwd=settings.BASE_DIR)
    assert process.stdout.strip() == "common.cache.SharedCache"
