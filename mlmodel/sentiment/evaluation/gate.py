"""The gate: whether a challenger may become champion, criterion by criterion.

The reference exam comes first, because no dataset contains it; the held-out reviews of the
dataset and the examination of its labels follow.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlmodel.sentiment.evaluation.criteria import (
    LATENCY,
    PROFILES,
    Line,
    Measured,
    Profile,
    check_bound,
    compare,
    shown,
)
from mlmodel.sentiment.evaluation.holdout import USUAL_WORDS, EvaluationSet, ModelOutputs
from mlmodel.sentiment.evaluation.metrics import (
    accuracy,
    calibration_error,
    freshness_error,
    mixed_groups,
)

MIN_MOVIES = 20


@dataclass(frozen=True, slots=True)
class Report:
    """Every criterion's line, the version of what serves ("" if nothing does), the profile."""

    lines: tuple[Line, ...]
    against: str
    profile: str

    @property
    def passed(self) -> bool:
        """Whether no criterion refused."""
        return not self.refusals

    @property
    def refusals(self) -> list[Line]:
        """The criteria that refused."""
        return [line for line in self.lines if line.outcome == "refused"]

    def as_dict(self) -> dict[str, Any]:
        """Return the report as JSON data."""
        return {
            "passed": self.passed,
            "against": self.against,
            "profile": self.profile,
            "lines": [line.as_dict() for line in self.lines],
        }


def run_gate(
    exam: Sequence[Line],
    labels: Sequence[Line],
    holdout: EvaluationSet,
    challenger: ModelOutputs,
    champion: ModelOutputs | None,
    *,
    profile: str = "release",
    against: str = "",
) -> Report:
    """Check a challenger by every criterion.

    Parameters
    ----------
    exam, labels : sequences of Line
        As from ``exam_lines`` and ``examine``.
    holdout : EvaluationSet
        Reviews that the challenger was not trained on.
    challenger : ModelOutputs
    champion : ModelOutputs or None
        Of what serves; None if nothing does.
    profile : str, optional
        A key of ``PROFILES``.
    against : str, optional
        The version of what serves, for the report.

    Returns
    -------
    Report
    """
    lines = (*exam, *held_out_lines(holdout, challenger, champion, PROFILES[profile]), *labels)
    return Report(lines, against, profile)


def held_out_lines(
    holdout: EvaluationSet,
    challenger: ModelOutputs,
    champion: ModelOutputs | None,
    profile: Profile,
) -> list[Line]:
    """Check a challenger by the held-out reviews of a dataset.

    Parameters
    ----------
    holdout : EvaluationSet
    challenger : ModelOutputs
    champion : ModelOutputs or None
    profile : Profile

    Returns
    -------
    list of Line
    """

    def line(name, measure, bound, of, needed, *, is_limit=False) -> Line:
        other = measure(holdout, champion)[0] if champion else None
        mine = measure(holdout, challenger)
        return check_bound(
            name, mine, bound, of=of, needed=needed, champion=other, is_limit=is_limit
        )

    n = profile.min_held_out
    of = "held-out reviews"
    return [
        line("accuracy", _accuracy, profile.accuracy, of, n),
        _paired(holdout, challenger, champion, profile),
        line("calibration error", _calibration, profile.ece, of, n, is_limit=True),
        line("freshness error", _freshness, profile.freshness, "movies", MIN_MOVIES, is_limit=True),
        line(LATENCY, _latency, profile.latency_ms, "words", 1, is_limit=True),
    ]


def _places(*outputs: ModelOutputs) -> NDArray[np.int_]:
    """Return the positions of the reviews that all these models have scored."""
    return np.flatnonzero(np.all([each.is_scored for each in outputs], axis=0))


def _accuracy(holdout: EvaluationSet, outputs: ModelOutputs) -> Measured:
    places = _places(outputs)
    if not len(places):
        return None, 0
    return accuracy(holdout.labels[places], outputs.p_positive[places]), len(places)


def _calibration(holdout: EvaluationSet, outputs: ModelOutputs) -> Measured:
    places = _places(outputs)
    if not len(places):
        return None, 0
    return calibration_error(holdout.labels[places], outputs.p_positive[places]), len(places)


def _freshness(holdout: EvaluationSet, outputs: ModelOutputs) -> Measured:
    places = _places(outputs)
    labels, movies = holdout.labels[places], [holdout.reviews.movies[i] for i in places]
    p_positive, readable = outputs.p_positive[places], outputs.readable[places]
    error = freshness_error(labels, p_positive, readable, movies)
    if error.movies < MIN_MOVIES and not any(movies):
        # The dataset does not say which movie a review is of: sets of reviews stand in.
        error = freshness_error(labels, p_positive, readable, mixed_groups(labels))
    return error.estimate, error.movies


def _latency(holdout: EvaluationSet, outputs: ModelOutputs) -> Measured:
    return outputs.latency_ms, USUAL_WORDS


def _paired(
    holdout: EvaluationSet,
    challenger: ModelOutputs,
    champion: ModelOutputs | None,
    profile: Profile,
) -> Line:
    both = _places(challenger, champion) if champion else _places(challenger)
    return compare(
        "paired comparison",
        holdout.labels[both],
        challenger.p_positive[both],
        champion.p_positive[both] if champion else None,
        profile,
        needed=profile.min_held_out,
    )


def table(lines: Sequence[Line]) -> str:
    """Return criteria as lines of text, under a header."""
    rows = [f"{'':27} {'challenger':>10} {'serving':>10} {'bound':>8}  outcome"]
    for line in lines:
        mine, other, bound = (
            shown(line.name, value) for value in (line.challenger, line.champion, line.floor)
        )
        rows.append(f"{line.name:27} {mine:>10} {other:>10} {bound:>8}  {line.outcome}: {line.why}")
    return "\n".join(rows)
