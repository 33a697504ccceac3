"""The gate, on model outputs made up for each claim."""

from dataclasses import replace

import numpy as np
import pytest

from mlmodel.sentiment.data.corpus import Corpus
from mlmodel.sentiment.evaluation import gate
from mlmodel.sentiment.evaluation.behaviour import GroupResult
from mlmodel.sentiment.evaluation.holdout import EvaluationSet, ModelOutputs
from mlmodel.sentiment.evaluation.mcnemar import compare, mid_p

N = 1000


@pytest.fixture(scope="module")
def holdout() -> EvaluationSet:
    """1,000 reviews of 25 movies and their sentences, positive and negative in turn."""
    texts = [f"Number {i} is what it is. It ends as it has to end." for i in range(N)]
    movies = [f"tt{i // 40}" for i in range(N)]
    return EvaluationSet(Corpus(texts, np.arange(N) % 2 == 0, movies, [None] * N))


def outputs(holdout, *, wrong=0, sure=0.95, behaviour=100, latency=0.2) -> ModelOutputs:
    """Return outputs that are wrong only on the first ``wrong`` reviews, and on no sentence."""
    right = np.arange(len(holdout.texts)) >= wrong
    p = np.where(holdout.labels == right, sure, 1 - sure)
    suite = [GroupResult("negation", behaviour, 100, ())]
    return ModelOutputs(p, np.ones(len(p), bool), suite, latency)


def outcomes(report) -> dict[str, str]:
    return {line.name: line.outcome for line in report.lines}


def test_a_good_first_model_passes_by_the_floors_alone(holdout):
    report = gate.run_gate(holdout, outputs(holdout, wrong=50), None)
    assert report.passed
    assert outcomes(report)["paired comparison"] == "skipped"


def test_an_equal_challenger_passes(holdout):
    assert gate.run_gate(holdout, outputs(holdout, wrong=50), outputs(holdout, wrong=50)).passed


def test_a_significantly_worse_challenger_is_refused(holdout):
    report = gate.run_gate(holdout, outputs(holdout, wrong=65), outputs(holdout, wrong=50))
    (line,) = report.refusals
    assert line.name == "paired comparison"
    assert "significantly worse; only challenger right: 0, only champion right: 15" in line.why


@pytest.mark.parametrize(
    ("name", "bad"),
    [
        ("accuracy", {"wrong": 150, "sure": 0.85}),
        ("behaviour", {"wrong": 50, "behaviour": 70}),
        ("calibration error", {"wrong": 50, "sure": 0.9}),
        ("latency, ms", {"wrong": 50, "latency": 50.0}),
    ],
)
def test_challenger_below_a_floor_is_refused(holdout, name, bad):
    report = gate.run_gate(holdout, outputs(holdout, **bad), None)
    assert [line.name for line in report.refusals] == [name]


def test_short_text_has_a_floor_of_its_own(holdout):
    given = outputs(holdout, wrong=50)
    p = given.p_positive.copy()
    p[N : N + 1400] = 0.5
    report = gate.run_gate(holdout, replace(given, p_positive=p), None)
    assert [line.name for line in report.refusals] == ["short text"]


def test_freshness_has_a_limit_of_its_own(holdout):
    given = outputs(holdout)
    by_movie = np.arange(len(holdout.texts)) // 40 % 2 == 0
    p = np.where(by_movie, 0.8, 0.3)
    report = gate.run_gate(holdout, replace(given, p_positive=p), None)
    assert outcomes(report)["freshness error"] == "refused"


def test_accuracy_is_skipped_with_too_few_reviews():
    few = EvaluationSet(
        Corpus(["Good, good, good."] * 12, np.ones(12, bool), [""] * 12, [None] * 12)
    )
    report = gate.run_gate(few, outputs(few, wrong=12), outputs(few), floors="smoke")
    assert report.passed
    assert outcomes(report)["accuracy"] == "skipped"


def test_a_few_reviews_are_enough_to_find_a_much_worse_challenger(holdout):
    few = EvaluationSet(holdout.reviews.take(range(60)))
    report = gate.run_gate(few, outputs(few, wrong=25), outputs(few, wrong=5), floors="smoke")
    assert [line.name for line in report.refusals] == ["paired comparison"]


def test_freshness_error_is_skipped_without_movies(holdout):
    without = EvaluationSet(replace(holdout.reviews, movies=[""] * N))
    report = gate.run_gate(without, outputs(without, wrong=50), None)
    assert (report.passed, outcomes(report)["freshness error"]) == (True, "skipped")


def unscored(holdout, **recorded) -> ModelOutputs:
    nothing = np.full(len(holdout.texts), np.nan)
    return replace(outputs(holdout), p_positive=nothing, recorded=recorded)


def test_champion_without_predictions_is_compared_by_its_recorded_accuracy(holdout):
    champion = unscored(holdout, accuracy=0.96, n=2000)
    report = gate.run_gate(holdout, outputs(holdout, wrong=80), champion)
    assert "saved no predictions" in report.refusals[0].why
    assert gate.run_gate(holdout, outputs(holdout, wrong=45), champion).passed


def test_challenger_without_predictions_is_held_to_floors_by_its_recorded_accuracy(holdout):
    assert gate.run_gate(holdout, unscored(holdout, accuracy=0.8, n=2000), None).refusals


def test_challenger_without_any_accuracy_is_refused(holdout):
    assert (
        "no accuracy on record" in gate.run_gate(holdout, unscored(holdout), None).refusals[0].why
    )


def test_strictest_floors_win():
    assert gate.higher(gate.level_of("demo_reviews"), gate.level_of("3")) == "full"
    assert gate.higher(gate.level_of("demo_reviews"), gate.level_of("1")) == "small"


def test_gate_table_gives_the_reason(holdout):
    table = gate.table(gate.run_gate(holdout, outputs(holdout, wrong=150, sure=0.85), None))
    assert "refused: 85.00 % is below the floor of 86.00 %" in table


def test_mid_p_equals_the_exact_values():
    assert mid_p(5, 10) == pytest.approx(0.5)
    assert mid_p(0, 0) == pytest.approx(0.5)
    assert mid_p(2600, 5000) == pytest.approx(0.00236, abs=1e-4)


def test_a_better_challenger_is_not_worse():
    assert compare(np.ones(20, bool), np.zeros(20, bool)).p_worse > 0.999


@pytest.mark.parametrize(
    ("only_champion", "only_challenger", "outcome"),
    [
        (6, 3, "passed"),  # mid-p (36 + 9 + 1 + 84 / 2) / 2 ** 9 = 0.172
        (7, 2, "passed"),  # mid-p (9 + 1 + 36 / 2) / 2 ** 9 = 0.0547
        (10, 3, "refused"),  # mid-p (78 + 13 + 1 + 286 / 2) / 2 ** 13 = 0.0287
    ],
)
def test_challenger_is_refused_if_it_is_worse_at_five_percent(
    holdout, only_champion, only_challenger, outcome
):
    champion, challenger = outputs(holdout), outputs(holdout)
    mistakes = slice(0, only_challenger), slice(100, 100 + only_champion)
    for model, part in zip((champion, challenger), mistakes, strict=True):
        model.p_positive[part] = 1 - model.p_positive[part]
    report = gate.run_gate(holdout, challenger, champion)
    assert outcomes(report)["paired comparison"] == outcome


def test_figures_exactly_at_their_floors_and_limits_pass(holdout):
    at_floors = outputs(holdout, wrong=140, sure=0.86, behaviour=90, latency=5.0)
    lines = {line.name: line for line in gate.run_gate(holdout, at_floors, None).lines}
    for name in ("accuracy", "behaviour", "latency, ms"):
        line = lines[name]
        assert (line.outcome, line.challenger) == ("passed", line.floor)


def test_behaviour_group_below_its_own_floor_refuses_a_passed_suite(holdout):
    suite = [GroupResult("plain", 990, 1000, ()), GroupResult("negation", 2, 10, ())]
    challenger = replace(outputs(holdout, wrong=50), behaviour=suite)
    (line,) = gate.run_gate(holdout, challenger, None).refusals
    assert (line.name, line.why) == ("behaviour", "negation: 2 of 10 passed, needed 75%")
