import threading

import pytest
from django.test import RequestFactory
from hypothesis import given, settings
from hypothesis import strategies as st
from rest_framework.throttling import ScopedRateThrottle

from common.throttling import CountingThrottle

MINUTE = 60


class Clock:
    """Time that passes when told to."""

    def __init__(self):
        self.now = 1_000 * MINUTE

    def __call__(self):
        return self.now


@pytest.fixture
def rate(monkeypatch):
    def set_rate(rate):
        monkeypatch.setitem(ScopedRateThrottle.THROTTLE_RATES, "predict", rate)

    return set_rate


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(CountingThrottle, "timer", clock)
    return clock


def ask(address="10.0.0.1"):
    throttle = CountingThrottle()
    throttle.admitted = throttle.admits(RequestFactory().get("/", REMOTE_ADDR=address), "predict")
    return throttle


def test_the_rate_is_kept_in_a_burst(rate, clock):
    rate("3/min")
    assert [ask().admitted for _ in range(5)] == [True, True, True, False, False]


def test_visitors_are_counted_apart(rate, clock):
    rate("1/min")
    assert ask("10.0.0.1").admitted
    assert ask("10.0.0.2").admitted
    assert not ask("10.0.0.1").admitted


def test_the_turn_of_a_minute_does_not_double_the_rate(rate, clock):
    rate("10/min")
    clock.now += MINUTE - 1
    assert sum(ask().admitted for _ in range(20)) == 10
    clock.now += 2
    assert sum(ask().admitted for _ in range(20)) <= 1


def test_after_two_minutes_all_is_forgotten(rate, clock):
    rate("10/min")
    assert sum(ask().admitted for _ in range(20)) == 10
    clock.now += 2 * MINUTE
    assert sum(ask().admitted for _ in range(20)) == 10


def test_who_is_refused_is_not_counted(rate, clock):
    rate("1/min")
    ask()
    for _ in range(100):
        assert not ask().admitted
    clock.now += MINUTE + 1
    assert ask().admitted


@settings(max_examples=200, deadline=None)
@given(
    limit=st.integers(1, 20),
    asked=st.lists(st.tuples(st.integers(0, 90), st.integers(0, 30)), min_size=1, max_size=5),
)
def test_who_waits_as_told_is_admitted(limit, asked):
    from django.core.cache import cache

    cache.clear()
    clock = Clock()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(CountingThrottle, "timer", clock)
        patch.setitem(ScopedRateThrottle.THROTTLE_RATES, "predict", f"{limit}/min")
        for passed, n in asked:
            clock.now += passed
            for _ in range(n):
                ask()
        last = ask()
        if not last.admitted:
            assert 0 <= last.wait() <= 2 * MINUTE
            clock.now += last.wait() + 0.001
            assert ask().admitted


def test_no_rate_is_no_limit(rate, clock):
    rate(None)
    assert all(ask().admitted for _ in range(5))


def test_requests_at_the_same_time_are_all_counted(rate, clock):
    rate("50/min")
    admitted = []

    def hammer():
        admitted.extend(ask().admitted for _ in range(25))

    threads = [threading.Thread(target=hammer) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (sum(admitted), len(admitted)) == (50, 100)


def test_a_cache_that_keeps_nothing_limits_nobody(rate, clock, monkeypatch):
    from django.core.cache.backends.dummy import DummyCache

    rate("1/min")
    monkeypatch.setattr(CountingThrottle, "cache", DummyCache("", {}))
    assert all(ask().admitted for _ in range(5))


def test_a_cache_that_becomes_another_one_in_the_middle_refuses_nobody(rate, clock, monkeypatch):
    class Changing:
        """As Redis is lost between two questions: what was there is not here."""

        def get(self, key, default=None):
            return default

        def add(self, key, value, timeout):
            return False

        def incr(self, key, delta=1):
            raise ValueError(f"{key} not found")

    rate("1/min")
    monkeypatch.setattr(CountingThrottle, "cache", Changing())
    assert ask().admitted
