"""The trained model labels short reviews as people do. ``pytest -s`` prints the table."""

from collections import Counter

import pytest

from mlmodel.sentiment.evaluation import behaviour
from mlmodel.sentiment.evaluation.behaviour import Case, GroupResult
from mlmodel.sentiment.models.prediction import Prediction

CASES = behaviour.load_cases()
FLOORS = behaviour.load_floors()


@pytest.fixture(scope="module")
def results(scorer) -> dict[str, GroupResult]:
    groups = behaviour.run(scorer, CASES)
    print(f"\n{behaviour.table(groups)}")  # noqa: T201
    return {result.name: result for result in groups}


def predictions(*p_positive: float) -> list[Prediction]:
    return [Prediction(p, vocabulary_coverage=1.0) for p in p_positive]


def test_the_model_passes_nine_cases_in_ten(results):
    rate = behaviour.pass_rate(list(results.values()))
    assert rate >= 0.9, behaviour.table(list(results.values()))


@pytest.mark.parametrize("group", dict.fromkeys(case.group for case in CASES))
def test_no_group_is_below_its_floor(results, group):
    result = results[group]
    assert result.pass_rate >= FLOORS[group], "\n".join(result.failures)


def test_there_are_240_cases_and_none_is_there_twice():
    counts = Counter((case.expected, case.texts) for case in CASES)
    assert len(counts) >= 240
    assert set(counts.values()) == {1}


def test_every_group_expects_both_labels_equally_often_or_none():
    for group in FLOORS:
        expected = Counter(case.expected for case in CASES if case.group == group)
        assert expected["positive"] == expected["negative"]
        assert expected["rising"] == expected["falling"]


def test_cases_are_as_short_as_what_visitors_write():
    n_words = [len(text.split()) for case in CASES for text in case.texts]
    assert max(n_words) <= 30


@pytest.mark.parametrize(
    ("expected", "p_positive", "passes"),
    [
        ("same", (0.55, 0.60), True),
        ("same", (0.49, 0.51), False),  # another label
        ("same", (0.6, 0.6 + behaviour.TOLERANCE), False),
        ("rising", (0.5, 0.6), True),
        ("rising", (0.5, 0.5), False),
        ("falling", (0.5, 0.6), False),
    ],
)
def test_two_texts_pass_by_their_probabilities(expected, p_positive, passes):
    assert Case("group", expected, ("one", "other")).passes(predictions(*p_positive)) is passes


def test_failure_gives_the_prediction(fixed_scorer):
    (result,) = behaviour.run(fixed_scorer, [Case("plain", "negative", ("What a film",))])
    assert result.failures == ("negative: 'What a film' positive 0.90",)
