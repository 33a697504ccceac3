import threading

import pytest
from django.core.cache import cache
from django.core.cache.backends.dummy import DummyCache
from django.test import RequestFactory
from django.urls import get_resolver
from hypothesis import given, settings
from hypothesis import strategies as st

from common.throttling import CountingThrottle

MINUTE = 60


class Clock:
    def __init__(self):
        self.now = 1_000 * MINUTE

    def __call__(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(CountingThrottle, "timer", clock)
    return clock


@pytest.fixture
def rate(set_rate, clock):
    return lambda rate: set_rate("predict", rate)


def send(address="10.0.0.1", user=None):
    request = RequestFactory().get("/", REMOTE_ADDR=address)
    request.user = user
    throttle = CountingThrottle()
    throttle.admitted = throttle.admits(request, "predict")
    return throttle


def n_admitted(n):
    return sum(send().admitted for _ in range(n))


def test_burst_is_admitted_up_to_the_rate(rate):
    rate("3/min")
    assert [send().admitted for _ in range(5)] == [True, True, True, False, False]


def test_guests_are_counted_by_address(rate):
    rate("1/min")
    assert send("10.0.0.1").admitted
    assert send("10.0.0.2").admitted
    assert not send("10.0.0.1").admitted


def test_account_is_counted_across_addresses(rate, user):
    rate("1/min")
    assert send("10.0.0.1", user).admitted
    assert not send("10.0.0.2", user).admitted
    assert send("10.0.0.1").admitted


def test_rate_does_not_double_at_the_turn_of_a_minute(rate, clock):
    rate("10/min")
    clock.now += MINUTE - 1
    assert n_admitted(20) == 10
    clock.now += 2
    assert n_admitted(20) <= 1


def test_request_over_the_rate_is_not_counted(rate, clock):
    rate("1/min")
    assert n_admitted(100) == 1
    clock.now += MINUTE + 1
    assert send().admitted


@settings(max_examples=200, deadline=None)
@given(
    limit=st.integers(1, 20),
    steps=st.lists(st.tuples(st.integers(0, 90), st.integers(0, 30)), min_size=1, max_size=5),
)
def test_visitor_is_admitted_after_the_announced_wait(limit, steps):
    cache.clear()
    clock = Clock()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(CountingThrottle, "timer", clock)
        patch.setitem(CountingThrottle.THROTTLE_RATES, "predict", f"{limit}/min")
        for seconds, n in steps:
            clock.now += seconds
            n_admitted(n)
        last = send()
        if not last.admitted:
            assert 0 <= last.wait() <= 2 * MINUTE
            clock.now += last.wait() + 0.001
            assert send().admitted


def test_rate_of_none_is_no_limit(rate):
    rate(None)
    assert n_admitted(5) == 5


def test_workers_that_share_a_cache_count_together(rate):
    rate("50/min")
    counts = []
    threads = [threading.Thread(target=lambda: counts.append(n_admitted(25))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(counts) == 50


def test_every_limit_of_the_api_is_counted_in_the_shared_cache():
    callbacks = [each.callback for each in get_resolver("rottenpotatoes.api").url_patterns]
    views = [callback.cls for callback in callbacks if hasattr(callback, "cls")]
    throttles = {throttle for view in views for throttle in view.throttle_classes}
    assert throttles == {CountingThrottle}


def test_cache_that_stores_nothing_sets_no_limit(rate, monkeypatch):
    rate("1/min")
    monkeypatch.setattr(CountingThrottle, "cache", DummyCache("", {}))
    assert n_admitted(5) == 5


class SwitchingCache:
    """A SharedCache that switches to another store between two calls."""

    def get(self, key, default=None):
        return default

    def add(self, key, value, timeout):
        return False

    def incr(self, key, delta=1):
        raise ValueError(f"{key} not found")


def test_request_is_admitted_while_the_cache_switches_stores(rate, monkeypatch):
    rate("1/min")
    monkeypatch.setattr(CountingThrottle, "cache", SwitchingCache())
    assert send().admitted
