"""A question that hangs costs those who ask it little, and nobody else anything."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from status import patience
from status.patience import MAX_WAITING, Patient

LONG_S = 60


@pytest.fixture(autouse=True)
def serving(monkeypatch):
    monkeypatch.setattr(patience, "_is_serving", True)


@pytest.fixture
def release():
    event = threading.Event()
    yield event
    event.set()


def test_what_is_known_in_time_is_told():
    assert Patient(lambda: 7, LONG_S).answer() == 7


def test_nobody_waits_for_what_hangs(release):
    patient = Patient(release.wait, 0.05)
    assert [patient.answer() for _ in range(20)] == [None] * 20


def test_it_is_asked_by_one_at_a_time(release):
    asked = []

    def ask():
        asked.append(threading.current_thread())
        release.wait()

    patient = Patient(ask, 0.05)
    for _ in range(20):
        patient.answer()
    assert len(asked) == 1


def test_it_is_asked_again_when_the_one_that_hung_is_done(release):
    patient = Patient(lambda: release.wait() and "there", 0.05)
    assert patient.answer() is None
    patient.patience_s = LONG_S
    release.set()
    assert patient.answer() == "there"


def test_who_finds_all_seats_taken_is_told_the_last_answer(release):
    answers = iter([lambda: "first", lambda: release.wait() and "second"])
    patient = Patient(lambda: next(answers)(), LONG_S)
    assert patient.answer() == "first"
    with ThreadPoolExecutor(MAX_WAITING) as pool:
        seated = [pool.submit(patient.answer) for _ in range(MAX_WAITING)]
        while patient._seats._value:
            pass
        assert patient.answer() == "first"
        release.set()
        assert [future.result() for future in seated] == ["second"] * MAX_WAITING


def test_an_old_answer_is_told_to_nobody(release, monkeypatch):
    monkeypatch.setattr(patience, "RECENT_S", 0.0)
    patient = Patient(lambda: "old", LONG_S)
    patient.answer()
    assert patient._recent() is None


def test_an_error_reaches_who_asks():
    def fail():
        raise ValueError("meh")

    with pytest.raises(ValueError, match="meh"):
        Patient(fail, LONG_S).answer()


def test_elsewhere_than_in_a_process_that_serves_it_is_asked_at_once(monkeypatch):
    monkeypatch.setattr(patience, "_is_serving", False)
    assert Patient(threading.current_thread, LONG_S).answer() is threading.current_thread()


def test_a_thread_that_cannot_be_started_is_no_answer_for_now(monkeypatch):
    def refuse(thread):
        raise RuntimeError("can't start new thread")

    asked = Patient(lambda: 1, 60)
    with monkeypatch.context() as short_of_threads:
        short_of_threads.setattr(threading.Thread, "start", refuse)
        assert asked.answer() is None
    assert asked.answer() == 1
