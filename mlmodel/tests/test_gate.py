"""The gate's judgement, on answers made up for each claim."""

from dataclasses import replace

import numpy as np
import pytest

from mlmodel.sentiment.data.corpus import Corpus
from mlmodel.sentiment.evaluation import gate
from mlmodel.sentiment.evaluation.behaviour import GroupResult
from mlmodel.sentiment.evaluation.holdout import Answers, Exam, answer
from mlmodel.sentiment.evaluation.mcnemar import compare, mid_p

N = 1000


@pytest.fixture(scope="module")
def exam() -> Exam:
    """1,000 reviews of 25 films and their sentences, positive and negative in turn."""
    texts = [f"Number {i} is what it is. It ends as it has to end." for i in range(N)]
    films = [f"tt{i // 40}" for i in range(N)]
    return Exam(Corpus(texts, np.arange(N) % 2 == 0, films, [None] * N))


def answers(exam, *, wrong=0, sure=0.95, behaviour=100, latency=0.2) -> Answers:
    """Right but for the first ``wrong`` reviews; all sentences are read right."""
    right = np.arange(len(exam.texts)) >= wrong
    p = np.where(exam.labels == right, sure, 1 - sure)
    suite = [GroupResult("negation", behaviour, 100, ())]
    return Answers(p, np.ones(len(p), bool), suite, latency)


def verdicts(report) -> dict[str, str]:
    return {line.name: line.verdict for line in report.lines}


def test_a_good_first_model_passes_by_the_floors_alone(exam):
    report = gate.judge(exam, answers(exam, wrong=50), None)
    assert report.passed
    assert verdicts(report)["paired comparison"] == "skipped"


def test_an_equal_challenger_passes(exam):
    assert gate.judge(exam, answers(exam, wrong=50), answers(exam, wrong=50)).passed


def test_a_significantly_worse_challenger_is_refused(exam):
    report = gate.judge(exam, answers(exam, wrong=65), answers(exam, wrong=50))
    (line,) = report.refusals
    assert line.name == "paired comparison"
    assert "significantly worse; alone right: challenger 0, champion 15" in line.why


def test_a_challenger_that_is_a_little_worse_by_chance_passes(exam):
    worse_and_better = answers(exam, wrong=54)
    p = worse_and_better.p_positive.copy()
    p[:25] = 1 - p[:25]
    p[100:125] = 1 - p[100:125]
    assert gate.judge(exam, replace(worse_and_better, p_positive=p), answers(exam, wrong=50)).passed


@pytest.mark.parametrize(
    ("name", "bad"),
    [
        ("accuracy", {"wrong": 150, "sure": 0.85}),
        ("behaviour", {"wrong": 50, "behaviour": 70}),
        ("calibration error", {"wrong": 50, "sure": 0.9}),
        ("latency, ms", {"wrong": 50, "latency": 50.0}),
    ],
)
def test_below_a_floor_is_refused(exam, name, bad):
    report = gate.judge(exam, answers(exam, **bad), None)
    assert [line.name for line in report.refusals] == [name]


def test_short_text_has_a_floor_of_its_own(exam):
    given = answers(exam, wrong=50)
    p = given.p_positive.copy()
    p[N : N + 1400] = 0.5
    report = gate.judge(exam, replace(given, p_positive=p), None)
    assert [line.name for line in report.refusals] == ["short text"]


def test_freshness_has_a_limit_of_its_own(exam):
    given = answers(exam)
    by_film = np.arange(len(exam.texts)) // 40 % 2 == 0
    p = np.where(by_film, 0.8, 0.3)
    report = gate.judge(exam, replace(given, p_positive=p), None)
    assert verdicts(report)["freshness error"] == "refused"


def test_too_few_reviews_are_no_verdict():
    few = Exam(Corpus(["Good, good, good."] * 12, np.ones(12, bool), [""] * 12, [None] * 12))
    report = gate.judge(few, answers(few, wrong=12), answers(few), floors="smoke")
    assert report.passed
    assert verdicts(report)["accuracy"] == "skipped"


def test_a_few_reviews_are_enough_to_find_a_much_worse_challenger(exam):
    few = Exam(exam.reviews.take(range(60)))
    report = gate.judge(few, answers(few, wrong=25), answers(few, wrong=5), floors="smoke")
    assert [line.name for line in report.refusals] == ["paired comparison"]


def test_films_that_are_not_known_are_no_reason_to_refuse(exam):
    without = Exam(replace(exam.reviews, films=[""] * N))
    report = gate.judge(without, answers(without, wrong=50), None)
    assert (report.passed, verdicts(report)["freshness error"]) == (True, "skipped")


def unasked(exam, **recorded) -> Answers:
    nothing = np.full(len(exam.texts), np.nan)
    return replace(answers(exam), p_positive=nothing, recorded=recorded)


def test_without_the_champions_answers_its_record_counts(exam):
    champion = unasked(exam, accuracy=0.96, n=2000)
    report = gate.judge(exam, answers(exam, wrong=80), champion)
    assert "kept no answers" in report.refusals[0].why
    assert gate.judge(exam, answers(exam, wrong=45), champion).passed


def test_a_challenger_that_may_not_be_asked_is_judged_by_its_record(exam):
    assert gate.judge(exam, unasked(exam, accuracy=0.8, n=2000), None).refusals


def test_a_challenger_of_which_nothing_is_known_is_refused(exam):
    assert "nothing is known of it" in gate.judge(exam, unasked(exam), None).refusals[0].why


def test_the_higher_floors_count():
    assert gate.higher(gate.level_of("demo_reviews"), gate.level_of("3")) == "full"
    assert gate.higher(gate.level_of("demo_reviews"), gate.level_of("1")) == "small"


def test_the_table_says_why(exam):
    said = gate.table(gate.judge(exam, answers(exam, wrong=150, sure=0.85), None))
    assert "refused: 85.00 % is below the floor of 86.00 %" in said


def test_mid_p_is_fair():
    assert mid_p(5, 10) == pytest.approx(0.5)
    assert mid_p(0, 0) == pytest.approx(0.5)
    assert mid_p(2600, 5000) == pytest.approx(0.00236, abs=1e-4)


def test_a_better_challenger_is_not_worse():
    assert compare(np.ones(20, bool), np.zeros(20, bool)).p_worse > 0.999


def test_a_model_takes_the_exam(exam, fixed_scorer):
    found = answer(fixed_scorer, Exam(exam.reviews.take(range(20))))
    assert found.known.all()
    assert found.latency_ms >= 0
