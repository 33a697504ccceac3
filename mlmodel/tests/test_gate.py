"""The gate, on model outputs made up for each claim."""

from dataclasses import replace

import numpy as np
import pytest

from mlmodel.sentiment.data.corpus import Corpus
from mlmodel.sentiment.evaluation import gate
from mlmodel.sentiment.evaluation.behaviour import GroupResult
from mlmodel.sentiment.evaluation.criteria import PROFILES, compare
from mlmodel.sentiment.evaluation.exam import Exam, ExamOutputs, exam_lines, load_exam
from mlmodel.sentiment.evaluation.holdout import EvaluationSet, ModelOutputs
from mlmodel.sentiment.evaluation.reference import ReferenceSet, load_reference

N = 1000
RELEASE, SMOKE = PROFILES["release"], PROFILES["smoke"]


@pytest.fixture(scope="module")
def holdout() -> EvaluationSet:
    """1,000 reviews of 25 movies, positive and negative in turn."""
    texts = [f"Number {i} is what it is. It ends as it has to end." for i in range(N)]
    movies = [f"tt{i // 40}" for i in range(N)]
    return EvaluationSet(Corpus(texts, np.arange(N) % 2 == 0, movies, [None] * N))


def predictions(labels, *, wrong=0, sure=0.95):
    """Probabilities that are wrong only for the first ``wrong`` of the labels."""
    right = np.arange(len(labels)) >= wrong
    return np.where(labels == right, sure, 1 - sure)


def outputs(holdout, *, latency=0.2, **how) -> ModelOutputs:
    p = predictions(holdout.labels, **how)
    return ModelOutputs(p, np.ones(len(p), bool), latency)


def lines_of(holdout, challenger, champion=None, profile=RELEASE):
    lines = gate.held_out_lines(holdout, challenger, champion, profile)
    return {line.name: line for line in lines}


def outcomes(lines) -> dict[str, str]:
    return {name: line.outcome for name, line in lines.items()}


def refusals(lines) -> list[str]:
    return [name for name, line in lines.items() if line.outcome == "refused"]


def test_a_good_model_passes_by_the_bounds_alone_if_nothing_serves(holdout):
    lines = lines_of(holdout, outputs(holdout, wrong=50))
    assert refusals(lines) == []
    assert lines["paired comparison"].why.startswith("no model serves")


def test_an_equal_challenger_passes(holdout):
    equal = outputs(holdout, wrong=50)
    assert refusals(lines_of(holdout, equal, equal)) == []


def test_a_significantly_worse_challenger_is_refused(holdout):
    lines = lines_of(holdout, outputs(holdout, wrong=65), outputs(holdout, wrong=50))
    assert refusals(lines) == ["paired comparison"]
    why = lines["paired comparison"].why
    assert "only the challenger is right: 0, only what serves: 15, of 1,000" in why


@pytest.mark.parametrize(
    ("name", "bad"),
    [
        ("accuracy", {"wrong": 150, "sure": 0.85}),
        ("calibration error", {"wrong": 50, "sure": 0.9}),
        ("latency, ms", {"wrong": 50, "latency": 50.0}),
    ],
)
def test_challenger_beyond_a_bound_is_refused(holdout, name, bad):
    assert refusals(lines_of(holdout, outputs(holdout, **bad))) == [name]


def test_freshness_has_a_bound_of_its_own(holdout):
    by_movie = np.arange(N) // 40 % 2 == 0
    biased = replace(outputs(holdout), p_positive=np.where(by_movie, 0.8, 0.3))
    assert outcomes(lines_of(holdout, biased))["freshness error"] == "refused"


def test_freshness_error_is_measured_on_groups_of_reviews_without_movies(holdout):
    without = EvaluationSet(replace(holdout.reviews, movies=[""] * N))
    good = lines_of(without, outputs(without, wrong=10, sure=0.98))["freshness error"]
    assert good.outcome == "passed"
    assert " of 50 " in good.why
    one_sided = replace(outputs(without), p_positive=np.full(N, 0.9))
    assert outcomes(lines_of(without, one_sided))["freshness error"] == "refused"


@pytest.mark.parametrize("n", [20, 499])
def test_too_little_evidence_is_a_refusal(holdout, n):
    few = EvaluationSet(holdout.reviews.take(range(n)))
    perfect = outputs(few)
    lines = lines_of(few, perfect, perfect)
    assert {"accuracy", "paired comparison", "calibration error"} <= set(refusals(lines))
    assert lines["accuracy"].why == f"too little evidence: {n} held-out reviews, needed 500"


def test_500_held_out_reviews_are_enough(holdout):
    few = EvaluationSet(holdout.reviews.take(range(500)))
    lines = lines_of(few, outputs(few, wrong=20), outputs(few, wrong=20))
    assert not {"accuracy", "paired comparison", "calibration error"} & set(refusals(lines))


def test_few_movies_are_too_little_evidence(holdout):
    movies = [f"tt{i // 100}" for i in range(N)]
    few = EvaluationSet(replace(holdout.reviews, movies=movies))
    line = lines_of(few, outputs(few, wrong=50))["freshness error"]
    assert (line.outcome, line.why) == ("refused", "too little evidence: 10 movies, needed 20")


def test_challenger_that_was_trained_on_the_held_out_reviews_is_refused(holdout):
    nothing = replace(outputs(holdout), p_positive=np.full(N, np.nan))
    lines = lines_of(holdout, nothing, outputs(holdout))
    assert {"accuracy", "paired comparison"} <= set(refusals(lines))


def test_figures_exactly_at_their_bounds_pass(holdout):
    lines = lines_of(holdout, outputs(holdout, wrong=140, sure=0.86, latency=5.0))
    for name in ("accuracy", "latency, ms"):
        assert (lines[name].outcome, lines[name].challenger) == ("passed", lines[name].floor)


def test_every_line_says_what_was_measured_and_the_bound(holdout):
    line = lines_of(holdout, outputs(holdout, wrong=150, sure=0.85))["accuracy"]
    assert line.why == "85.00 % of 1,000 held-out reviews, needed at least 86.00 %"


def test_smoke_profile_reports_a_worse_challenger_without_refusing_it(holdout):
    lines = lines_of(holdout, outputs(holdout, wrong=300), outputs(holdout), SMOKE)
    assert refusals(lines) == []
    assert "significantly worse" in lines["paired comparison"].why


@pytest.mark.parametrize(
    ("only_champion", "only_challenger", "outcome"),
    [
        (6, 3, "passed"),  # mid-p (36 + 9 + 1 + 84 / 2) / 2 ** 9 = 0.172
        (7, 2, "passed"),  # mid-p (9 + 1 + 36 / 2) / 2 ** 9 = 0.0547
        (10, 3, "refused"),  # mid-p (78 + 13 + 1 + 286 / 2) / 2 ** 13 = 0.0287
    ],
)
def test_challenger_is_refused_if_it_is_worse_at_five_percent(
    only_champion, only_challenger, outcome
):
    labels = np.ones(N, bool)
    champion, challenger = np.full(N, 0.9), np.full(N, 0.9)
    champion[:only_challenger] = 0.1
    challenger[100 : 100 + only_champion] = 0.1
    assert compare("x", labels, challenger, champion, RELEASE, needed=1).outcome == outcome


# --- the reference exam ---------------------------------------------------------------


@pytest.fixture(scope="module")
def exam() -> Exam:
    return load_exam()


def sat(exam, *, suite=(95, 95), latency=0.2, p_gold=(), **how) -> ExamOutputs:
    p = predictions(exam.reference.labels, **how)
    groups = [GroupResult(f"group {n}", n, 100, ()) for n in suite]
    return ExamOutputs(p, np.ones(len(p), bool), np.array(p_gold), groups, latency)


def exam_of(exam, challenger, champion=None, profile=RELEASE):
    return {line.name: line for line in exam_lines(exam, challenger, champion, profile)}


def test_a_model_that_reads_the_exam_passes_it(exam):
    assert refusals(exam_of(exam, sat(exam), sat(exam))) == []


@pytest.mark.parametrize(
    ("name", "bad"),
    [
        ("behaviour", {"suite": (84, 85)}),
        ("weakest behaviour group", {"suite": (100, 100, 59)}),
        ("reference latency, ms", {"latency": 5.1}),
        ("reference calibration error", {"sure": 0.8}),
    ],
)
def test_each_bound_of_the_exam_refuses(exam, name, bad):
    assert refusals(exam_of(exam, sat(exam, **bad))) == [name]


def test_a_model_that_calls_everything_positive_is_refused_by_the_exam(exam):
    positive = replace(sat(exam), p_positive=np.full(len(exam.reference), 0.99))
    refused = refusals(exam_of(exam, positive))
    assert {"reference accuracy", "short text", "reference freshness error"} <= set(refused)


def test_reference_accuracy_has_an_absolute_bound_and_a_relative_one(exam):
    n = len(exam.reference)
    low = sat(exam, wrong=round(0.26 * n))
    assert "reference accuracy" in refusals(exam_of(exam, low, low))
    fair, better = sat(exam, wrong=round(0.2 * n)), sat(exam, wrong=round(0.1 * n))
    lines = exam_of(exam, fair, better)
    assert lines["reference accuracy"].outcome == "passed"
    assert lines["reference comparison"].outcome == "refused"


def test_short_texts_are_whole_reviews(exam):
    lines = exam_of(exam, sat(exam))
    assert lines["short text"].why.startswith("100.00 % of 528 reviews under 30 words")
    assert lines["very short text"].why.startswith("100.00 % of 367 reviews under 15 words")


def test_the_smoke_profile_sets_no_bound_on_the_exam(exam):
    bad = sat(exam, wrong=500, suite=(10, 10))
    assert refusals(exam_of(exam, bad, sat(exam), SMOKE)) == []


def gold_of(n: int) -> ReferenceSet:
    return ReferenceSet([f"Text {i}." for i in range(n)], np.arange(n) % 2 == 0, ["gold"] * n)


def test_gold_reviews_of_the_site_are_part_of_the_exam():
    exam = Exam(load_reference(), gold_of(40))
    right, wrong = (predictions(exam.gold.labels, wrong=n) for n in (0, 20))
    lines = exam_of(exam, sat(exam, p_gold=wrong), sat(exam, p_gold=right))
    assert set(refusals(lines)) == {"gold accuracy", "gold comparison"}


def test_a_few_gold_reviews_do_not_decide():
    exam = Exam(load_reference(), gold_of(29))
    assert not any("gold" in name for name in exam_of(exam, sat(exam, p_gold=np.zeros(29))))


def test_the_report_has_every_line_and_passes_only_without_a_refusal(exam, holdout):
    labels = [exam_lines(exam, sat(exam), None, RELEASE)[0]]
    report = gate.run_gate(
        exam_lines(exam, sat(exam), None, RELEASE), labels, holdout, outputs(holdout), None
    )
    assert len(report.lines) == 9 + 5 + 1
    assert report.passed is not bool(report.refusals)
    assert report.as_dict().keys() == {"passed", "against", "profile", "lines"}
    assert "reference accuracy" in gate.table(report.lines)
