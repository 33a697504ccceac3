"""The reference exam: what every challenger must read right, whatever its dataset contains."""

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from mlmodel.sentiment.evaluation import behaviour
from mlmodel.sentiment.evaluation.behaviour import GroupResult
from mlmodel.sentiment.evaluation.criteria import LATENCY, Line, Profile, check_bound, compare
from mlmodel.sentiment.evaluation.holdout import USUAL_WORDS, latency_ms
from mlmodel.sentiment.evaluation.metrics import (
    accuracy,
    calibration_error,
    freshness_error,
    mixed_groups,
    predict_arrays,
)
from mlmodel.sentiment.evaluation.reference import SHORT, ReferenceSet, load_reference
from mlmodel.sentiment.features.text import words
from mlmodel.sentiment.models.scorer import Scorer

NO_TEXTS = ReferenceSet([], np.empty(0, bool), [])


@dataclass(frozen=True)
class Exam:
    """The texts of an exam.

    Parameters
    ----------
    reference : ReferenceSet
        n reviews that ship with the project.
    gold : ReferenceSet
        m reviews that people on this site have labelled, and that are never trained on.
    """

    reference: ReferenceSet
    gold: ReferenceSet = NO_TEXTS


@dataclass(frozen=True)
class ExamOutputs:
    """What a model predicts in an exam of n reference and m gold reviews.

    Attributes
    ----------
    p_positive, readable : arrays, shape (n,)
    p_gold : float array, shape (m,)
    behaviour : list of GroupResult
        The results of the behaviour suite.
    latency_ms : float
        Median processor time of scoring a review.
    """

    p_positive: NDArray[np.float64]
    readable: NDArray[np.bool_]
    p_gold: NDArray[np.float64]
    behaviour: list[GroupResult]
    latency_ms: float


def load_exam(gold: ReferenceSet = NO_TEXTS) -> Exam:
    """Load the exam that ships with the project, with the site's gold reviews, if any."""
    return Exam(load_reference(), gold)


def sit_exam(scorer: Scorer, exam: Exam) -> ExamOutputs:
    """Run a model on the texts of an exam.

    Parameters
    ----------
    scorer : Scorer
    exam : Exam

    Returns
    -------
    ExamOutputs
    """
    p_positive, readable = predict_arrays(scorer, exam.reference.texts)
    p_gold, _ = predict_arrays(scorer, exam.gold.texts)
    return ExamOutputs(
        p_positive,
        readable,
        p_gold,
        behaviour.run(scorer, behaviour.load_cases()),
        latency_ms(scorer, exam.reference.texts),
    )


def reference_line(
    exam: Exam, challenger: ExamOutputs, champion: ExamOutputs | None, profile: Profile
) -> Line:
    """Return whether a challenger is significantly worse than what serves on the reference set."""
    return compare(
        "reference comparison",
        exam.reference.labels,
        challenger.p_positive,
        champion.p_positive if champion else None,
        profile,
        needed=1,
    )


def exam_lines(
    exam: Exam, challenger: ExamOutputs, champion: ExamOutputs | None, profile: Profile
) -> list[Line]:
    """Check a challenger by an exam.

    Parameters
    ----------
    exam : Exam
    challenger : ExamOutputs
    champion : ExamOutputs or None
        Of what serves; None if nothing does.
    profile : Profile

    Returns
    -------
    list of Line
    """

    def line(name, measure, bound, of="reference reviews", *, is_limit=False) -> Line:
        other = measure(exam, champion)[0] if champion else None
        mine = measure(exam, challenger)
        return check_bound(name, mine, bound, of=of, champion=other, is_limit=is_limit)

    under_15, under_30 = (partial(_accuracy, under=limit) for limit in SHORT)
    return [
        line("reference accuracy", _accuracy, profile.reference_accuracy),
        reference_line(exam, challenger, champion, profile),
        line("short text", under_30, profile.short_text, "reviews under 30 words"),
        line("very short text", under_15, profile.very_short_text, "reviews under 15 words"),
        line("behaviour", _behaviour, profile.behaviour, "cases"),
        _weakest_group(challenger, champion, profile),
        line("reference calibration error", _calibration, profile.reference_ece, is_limit=True),
        line(
            "reference freshness error",
            _freshness,
            profile.reference_freshness,
            "sets of reviews",
            is_limit=True,
        ),
        line(f"reference {LATENCY}", _latency, profile.latency_ms, "words", is_limit=True),
        *_gold_lines(exam, challenger, champion, profile),
    ]


def _accuracy(exam: Exam, outputs: ExamOutputs, *, under: int | None = None) -> tuple[float, int]:
    texts, labels = exam.reference.texts, exam.reference.labels
    chosen = np.array([under is None or len(words(text)) < under for text in texts])
    return accuracy(labels[chosen], outputs.p_positive[chosen]), int(chosen.sum())


def _behaviour(exam: Exam, outputs: ExamOutputs) -> tuple[float, int]:
    return behaviour.pass_rate(outputs.behaviour), sum(group.total for group in outputs.behaviour)


def _weakest_group(challenger: ExamOutputs, champion: ExamOutputs | None, profile: Profile) -> Line:
    weakest = min(challenger.behaviour, key=lambda group: group.pass_rate)
    other = min(group.pass_rate for group in champion.behaviour) if champion else None
    return check_bound(
        "weakest behaviour group",
        (weakest.pass_rate, weakest.total),
        profile.behaviour_group,
        of=f"cases of {weakest.name!r}",
        champion=other,
    )


def _calibration(exam: Exam, outputs: ExamOutputs) -> tuple[float, int]:
    return calibration_error(exam.reference.labels, outputs.p_positive), len(exam.reference)


def _freshness(exam: Exam, outputs: ExamOutputs) -> tuple[float | None, int]:
    labels = exam.reference.labels
    error = freshness_error(labels, outputs.p_positive, outputs.readable, mixed_groups(labels))
    return error.estimate, error.movies


def _latency(exam: Exam, outputs: ExamOutputs) -> tuple[float, int]:
    return outputs.latency_ms, USUAL_WORDS


def _gold_lines(
    exam: Exam, challenger: ExamOutputs, champion: ExamOutputs | None, profile: Profile
) -> list[Line]:
    labels, n = exam.gold.labels, len(exam.gold)
    if n < profile.min_gold:
        return []  # a young site has none: the reference reviews alone decide
    share = accuracy(labels, challenger.p_gold)
    other = accuracy(labels, champion.p_gold) if champion else None
    bound = profile.reference_accuracy
    return [
        check_bound("gold accuracy", (share, n), bound, of="gold reviews", champion=other),
        compare(
            "gold comparison",
            labels,
            challenger.p_gold,
            champion.p_gold if champion else None,
            profile,
            needed=profile.min_gold,
        ),
    ]
