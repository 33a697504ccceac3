"""The behaviour suite: short texts whose label is beyond dispute."""

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from mlmodel.sentiment.models.prediction import Prediction
from mlmodel.sentiment.models.scorer import Scorer

CASES = Path(__file__).with_name("behaviour_cases.toml")
READABILITY = "readability"  # the group that tests whether texts are readable, not their label
# The largest difference of p between texts that mean the same.
TOLERANCE = 0.15

Expectation = Literal["positive", "negative", "same", "rising", "falling", "readable", "unreadable"]


@dataclass(frozen=True, slots=True)
class Case:
    """One test case.

    Parameters
    ----------
    group : str
    expected : str
        A label; "readable"; "same" for texts that mean the same; "rising" or "falling" for the
        probability of the second of two texts.
    texts : tuple of str
        One text; two for rising and falling, two or more for same.
    """

    group: str
    expected: Expectation
    texts: tuple[str, ...]

    def passes(self, predictions: Sequence[Prediction]) -> bool:
        """Return whether the predictions for ``texts``, in order, are as expected."""
        p = [prediction.p_positive for prediction in predictions]
        match self.expected:
            case "rising":
                return p[1] > p[0]
            case "falling":
                return p[1] < p[0]
            case "same":
                one_label = len({prediction.label for prediction in predictions}) == 1
                return one_label and max(p) - min(p) < TOLERANCE
            case "readable":
                return predictions[0].readable
            case label:
                return predictions[0].label == label


@dataclass(frozen=True, slots=True)
class GroupResult:
    """A group's number of passed cases and of all cases, and a line about each failure."""

    name: str
    passed: int
    total: int
    failures: tuple[str, ...]

    @property
    def pass_rate(self) -> float:
        """Share of the cases that passed, 0.0-1.0."""
        return self.passed / self.total


def load_cases(path: Path = CASES) -> list[Case]:
    """Load the cases of every group but ``READABILITY``, in the file's order."""
    return [case for case in _read(path) if case.group != READABILITY]


def load_readability_cases(path: Path = CASES) -> list[Case]:
    """Load readable texts and unreadable ones: other languages, noise."""
    return [case for case in _read(path) if case.group == READABILITY]


def load_floors(path: Path = CASES) -> dict[str, float]:
    """Load the share of its cases that each group must pass, by group."""
    return {group: table["floor"] for group, table in _tables(path).items()}


def run(scorer: Scorer, cases: Iterable[Case]) -> list[GroupResult]:
    """Run cases with a scorer.

    Parameters
    ----------
    scorer : Scorer
    cases : iterable of Case

    Returns
    -------
    list of GroupResult
        One per group, in the order in which the groups first appear.
    """
    cases = list(cases)
    predictions = iter(scorer.predict_many([text for case in cases for text in case.texts]))
    outcomes: dict[str, list[str]] = {}
    for case in cases:
        own = [next(predictions) for _ in case.texts]
        line = "" if case.passes(own) else _failure(case, own)
        outcomes.setdefault(case.group, []).append(line)
    return [
        GroupResult(name, lines.count(""), len(lines), tuple(filter(None, lines)))
        for name, lines in outcomes.items()
    ]


def pass_rate(results: Sequence[GroupResult]) -> float:
    """Return the share of all cases that passed, 0.0-1.0."""
    return sum(result.passed for result in results) / sum(result.total for result in results)


def table(results: Sequence[GroupResult]) -> str:
    """Return the results as lines of text, one for each group and one for the total."""
    total = GroupResult(
        "all", sum(result.passed for result in results), sum(r.total for r in results), ()
    )
    return "\n".join(
        f"{result.name:<12} {result.passed:>4} of {result.total:>4} {result.pass_rate:>7.1%}"
        for result in (*results, total)
    )


def _failure(case: Case, predictions: Sequence[Prediction]) -> str:
    details = " | ".join(
        f"{text!r} {prediction.label} {prediction.p_positive:.2f}"
        for text, prediction in zip(case.texts, predictions, strict=True)
    )
    return f"{case.expected}: {details}"


def _read(path: Path) -> list[Case]:
    return [
        Case(group, expected, (entry,) if isinstance(entry, str) else tuple(entry))
        for group, content in _tables(path).items()
        for expected in get_args(Expectation)
        for entry in content.get(expected, ())
    ]


def _tables(path: Path) -> dict[str, dict]:
    return tomllib.loads(path.read_text(encoding="utf-8"))
