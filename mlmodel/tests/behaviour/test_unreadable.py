"""The trained model recognises texts that it cannot label."""

import pytest

from mlmodel.sentiment.evaluation import behaviour

CASES = behaviour.load_readability_cases()
FLOOR = behaviour.load_floors()[behaviour.READABILITY]


def failures(scorer, expected: str) -> tuple[int, tuple[str, ...]]:
    (result,) = behaviour.run(scorer, [case for case in CASES if case.expected == expected])
    return result.total, result.failures


@pytest.mark.parametrize("expected", ["unreadable", "readable"])
def test_there_are_seventy_cases_of_each_kind(expected):
    assert sum(case.expected == expected for case in CASES) >= 70


def test_other_languages_noise_and_no_reviews_are_called_unreadable(scorer):
    total, wrong = failures(scorer, "unreadable")
    assert len(wrong) <= (1 - FLOOR) * total, "\n".join(wrong)


def test_short_reviews_slang_and_names_are_readable(scorer):
    total, wrong = failures(scorer, "readable")
    assert len(wrong) <= (1 - FLOOR) * total, "\n".join(wrong)


@pytest.mark.parametrize("text", ["", "   ", "...", "<br />", "🎬🎬🎬"])
def test_a_text_without_words_is_unreadable(scorer, text):
    assert scorer.predict(text).label == "unreadable"
