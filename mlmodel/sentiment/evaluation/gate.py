"""The gate: whether a challenger may become champion, line by line and with reasons."""

from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mlmodel.sentiment.evaluation import behaviour, mcnemar
from mlmodel.sentiment.evaluation.holdout import USUAL_WORDS, Answers, Exam
from mlmodel.sentiment.evaluation.metrics import (
    accuracy,
    calibration_error,
    freshness_error,
)
from mlmodel.sentiment.models.prediction import POSITIVE_FROM

Verdict = Literal["passed", "refused", "skipped"]
Measured = tuple[float | None, int]  # a figure, and on how many it rests
SIGNIFICANT = 0.05
PAIRED, ACCURACY, LATENCY = "paired comparison", "accuracy", "latency, ms"


@dataclass(frozen=True, slots=True)
class Floors:
    """What every champion must reach, whatever the one before reached; None asks nothing."""

    # The plainest algorithm there is, 5,000 words counted, reads 88 % right.
    accuracy: float | None = 0.86
    # Sentences of held-out reviews: 75 % are read right, and many do not speak for their review.
    short_text: float | None = 0.70
    behaviour: float | None = behaviour.MIN_PASS_RATE
    behaviour_groups: bool = True  # and every group of the suite at its own floor
    ece: float | None = 0.03  # "87 % sure" is said in whole percents, and may be off by three
    # Plain counting is wrong by 0.06: an estimate that is worse helps nobody.
    freshness: float | None = 0.06
    latency_ms: float | None = 5.0  # 25 times what a linear model needs
    min_accuracy_reviews: int = 20
    min_reviews: int = 500  # of fewer, calibration error is mostly noise
    min_films: int = 20


NO_FLOORS = Floors(
    accuracy=None,
    short_text=None,
    behaviour=None,
    behaviour_groups=False,
    ece=None,
    freshness=None,
    latency_ms=None,
)
# From the lowest to the highest.
FLOORS = {
    "none": NO_FLOORS,
    # A few hundred reviews, to see that everything works.
    "smoke": replace(NO_FLOORS, accuracy=0.55, latency_ms=500.0),
    # 10,000 reviews: of them even the default algorithm learns too few negated phrases for the
    # whole suite (88 %); on 1,000 held out its ECE is 0.034, its freshness error 0.067. The
    # plainest algorithm, a fair first model, has 80 %, 0.027 and 0.104, and 70 % of sentences.
    "small": Floors(
        accuracy=0.82,
        short_text=0.65,
        behaviour=0.75,
        behaviour_groups=False,
        ece=0.05,
        freshness=0.12,
    ),
    "full": Floors(),
}


def level_of(dataset_version: str) -> str:
    """Which floors a model is held to that was trained on that dataset version."""
    if dataset_version == "1":
        return "small"
    return "full" if dataset_version.isdecimal() else "smoke"


def higher(*levels: str) -> str:
    return max(levels, key=list(FLOORS).index)


@dataclass(frozen=True, slots=True)
class Line:
    """One criterion. The figures are shares, or milliseconds for the latency."""

    name: str
    verdict: Verdict
    why: str
    challenger: float | None = None
    champion: float | None = None
    floor: float | None = None


@dataclass(frozen=True, slots=True)
class Report:
    lines: tuple[Line, ...]
    against: str  # the champion's version, "" if there was none
    floors: str

    @property
    def passed(self) -> bool:
        return not self.refusals

    @property
    def refusals(self) -> list[Line]:
        return [line for line in self.lines if line.verdict == "refused"]

    def as_dict(self) -> dict[str, Any]:
        return {
            "passed": self.passed,
            "against": self.against,
            "floors": self.floors,
            "lines": [asdict(line) for line in self.lines],
        }


def judge(
    exam: Exam,
    challenger: Answers,
    champion: Answers | None,
    *,
    floors: str = "full",
    against: str = "",
) -> Report:
    """Hold a challenger against the champion and against floors.

    Parameters
    ----------
    champion : Answers, optional
        None if there has never been one: then the floors decide alone.
    floors : one of ``FLOORS``
    against : str
        The champion's version.
    """
    wanted = FLOORS[floors]
    few, films = wanted.min_reviews, wanted.min_films

    def line(name, measure, floor, needed, of, *, is_limit=False) -> Line:
        other = measure(exam, champion)[0] if champion else None
        mine = measure(exam, challenger)
        return _hold(name, mine, other, floor, needed=needed, of=of, is_limit=is_limit)

    lines = (
        _paired(exam, challenger, champion, wanted),
        line(ACCURACY, _accuracy, wanted.accuracy, wanted.min_accuracy_reviews, "reviews"),
        line("short text", _short_text, wanted.short_text, few, "sentences"),
        _behaviour(challenger, champion, wanted),
        line("calibration error", _calibration, wanted.ece, few, "reviews", is_limit=True),
        line("freshness error", _freshness, wanted.freshness, films, "films", is_limit=True),
        line(LATENCY, _latency, wanted.latency_ms, 0, "words a review", is_limit=True),
    )
    return Report(lines=lines, against=against, floors=floors)


def _places(exam: Exam, *answers: Answers, sentences: bool = False) -> NDArray[np.int_]:
    """Where the reviews, or the sentences, stand that all of these have answered."""
    is_sentence = np.arange(len(exam.texts)) >= len(exam.reviews)
    return np.flatnonzero(np.all([is_sentence == sentences, *(a.known for a in answers)], axis=0))


def _accuracy(exam: Exam, answers: Answers, *, sentences: bool = False) -> Measured:
    places = _places(exam, answers, sentences=sentences)
    if not len(places):
        found = answers.recorded.get("sentences") or {} if sentences else answers.recorded
        return found.get("accuracy"), found.get("n") or 0
    return accuracy(exam.labels[places], answers.p_positive[places]), len(places)


def _short_text(exam: Exam, answers: Answers) -> Measured:
    return _accuracy(exam, answers, sentences=True)


def _calibration(exam: Exam, answers: Answers) -> Measured:
    places = _places(exam, answers)
    if not len(places):
        return answers.recorded.get("ece"), answers.recorded.get("n") or 0
    return calibration_error(exam.labels[places], answers.p_positive[places]), len(places)


def _freshness(exam: Exam, answers: Answers) -> Measured:
    places = _places(exam, answers)
    if not len(places):
        recorded = answers.recorded.get("freshness_mae") or {}
        return recorded.get("estimate"), recorded.get("films") or 0
    found = freshness_error(
        exam.labels[places],
        answers.p_positive[places],
        answers.readable[places],
        [exam.reviews.films[i] for i in places],
    )
    return found.estimate, found.films


def _latency(exam: Exam, answers: Answers) -> Measured:
    return answers.latency_ms, USUAL_WORDS


def _hold(
    name: str,
    measured: Measured,
    other: float | None,
    floor: float | None,
    *,
    needed: int,
    of: str,
    is_limit: bool,
) -> Line:
    """Hold a figure against its floor, or against its limit, where smaller is better."""
    value, n = measured
    verdict: Verdict = "passed"
    why = f"{n} {of}"
    if floor is None:
        verdict, why = "skipped", "nothing is asked"
    elif n == 0 and name == ACCURACY:
        verdict, why = "refused", "nothing is known of it"
    elif value is None or n < needed:
        verdict, why = "skipped", f"too few: {n} {of}, needed {needed}"
    elif (value > floor) if is_limit else (value < floor):
        beyond = "above the limit" if is_limit else "below the floor"
        verdict, why = "refused", f"{shown(name, value)} is {beyond} of {shown(name, floor)}"
    return Line(name, verdict, why, value, other, floor)


def _behaviour(challenger: Answers, champion: Answers | None, floors: Floors) -> Line:
    rate = behaviour.pass_rate(challenger.behaviour)
    other = behaviour.pass_rate(champion.behaviour) if champion else None
    n = sum(group.total for group in challenger.behaviour)
    held = _hold(
        "behaviour", (rate, n), other, floors.behaviour, needed=0, of="cases", is_limit=False
    )
    if not floors.behaviour_groups:
        return held
    short = behaviour.shortfalls(challenger.behaviour, behaviour.load_floors())
    return replace(held, verdict="refused", why="; ".join(short)) if short else held


def _paired(exam: Exam, challenger: Answers, champion: Answers | None, floors: Floors) -> Line:
    if champion is None:
        return Line(PAIRED, "skipped", "there is no champion yet")
    both = _places(exam, challenger, champion)
    if len(both) >= floors.min_accuracy_reviews:  # the test is exact, for few reviews too
        truth = exam.labels[both]
        return _mcnemar(
            (challenger.p_positive[both] >= POSITIVE_FROM) == truth,
            (champion.p_positive[both] >= POSITIVE_FROM) == truth,
        )
    (mine, n), (other, m) = _accuracy(exam, challenger), _accuracy(exam, champion)
    if not len(both) and mine is not None and other is not None and min(n, m) >= floors.min_reviews:
        return _unpaired(mine, other, m)
    return Line(PAIRED, "skipped", f"too few: {len(both)} reviews that neither has seen")


def _mcnemar(challenger: NDArray[np.bool_], champion: NDArray[np.bool_]) -> Line:
    found = mcnemar.compare(challenger, champion)
    is_worse = found.p_worse < SIGNIFICANT
    why = (
        f"alone right: challenger {found.only_challenger}, champion {found.only_champion} "
        f"of {found.n} reviews; McNemar's mid-p {found.p_worse:.3f}"
    )
    return Line(
        PAIRED,
        "refused" if is_worse else "passed",
        f"significantly worse; {why}" if is_worse else why,
        challenger=float(challenger.mean()),
        champion=float(champion.mean()),
    )


def _unpaired(mine: float, other: float, n: int) -> Line:
    # By what the trainings measured, for a model that has seen these reviews and kept no answers.
    # Not the same reviews, so less sharp: two standard errors below the champion are even.
    least = other - 2 * (other * (1 - other) / n) ** 0.5
    return Line(
        PAIRED,
        "passed" if mine >= least else "refused",
        f"not paired, as one of them has seen these reviews and kept no answers: against what "
        f"training measured on {n} reviews, less two standard errors",
        challenger=mine,
        champion=other,
        floor=least,
    )


def table(report: Report) -> str:
    """The report as lines of text."""
    rows = [f"{'':18} {'challenger':>10} {'champion':>10} {'floor':>8}  verdict"]
    for line in report.lines:
        mine, other, floor = (
            shown(line.name, value) for value in (line.challenger, line.champion, line.floor)
        )
        rows.append(f"{line.name:18} {mine:>10} {other:>10} {floor:>8}  {line.verdict}: {line.why}")
    return "\n".join(rows)


def shown(name: str, value: float | None) -> str:
    """A figure of the criterion of that name, for a person."""
    if value is None:
        return "–"
    return f"{value:.2f}" if name == LATENCY else f"{100 * value:.2f} %"
