"""The behaviour suite: short texts whose reading is beyond dispute, and how many are read right."""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from mlmodel.sentiment.models.prediction import Prediction
from mlmodel.sentiment.models.scorer import Scorer

CASES = Path(__file__).with_name("behaviour_cases.toml")
READABILITY = "readability"  # the group that asks whether a text can be judged, not how
MIN_PASS_RATE = 0.9
# How far p may differ between texts that say the same: less than from "sure" to "fairly sure".
TOLERANCE = 0.15

Expectation = Literal["positive", "negative", "same", "rising", "falling", "readable", "unreadable"]


@dataclass(frozen=True, slots=True)
class Case:
    """One thing to get right. ``texts`` holds one text, two for rising and falling, 2+ for same."""

    group: str
    expected: Expectation
    texts: tuple[str, ...]

    def passes(self, predictions: Sequence[Prediction]) -> bool:
        """Whether the predictions for ``texts``, in their order, are as expected."""
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
    name: str
    passed: int
    total: int
    failures: tuple[str, ...]  # a line each, for a person

    @property
    def pass_rate(self) -> float:
        return self.passed / self.total


def load_cases(path: Path = CASES) -> list[Case]:
    """The cases of every group but ``READABILITY``, in the file's order."""
    return [case for case in _read(path) if case.group != READABILITY]


def load_readability_cases(path: Path = CASES) -> list[Case]:
    """Texts that can be judged and texts that cannot: another language, noise."""
    return [case for case in _read(path) if case.group == READABILITY]


def load_floors(path: Path = CASES) -> dict[str, float]:
    """The least share of its cases that a group must pass, by group."""
    return {group: table["floor"] for group, table in _tables(path).items()}


def run(scorer: Scorer, cases: Iterable[Case]) -> list[GroupResult]:
    """Have a scorer read all cases.

    Returns
    -------
    list of GroupResult
        One per group, in the order in which the groups first appear.
    """
    cases = list(cases)
    predictions = iter(scorer.predict_many([text for case in cases for text in case.texts]))
    outcomes: dict[str, list[str]] = {}
    for case in cases:
        read = [next(predictions) for _ in case.texts]
        outcomes.setdefault(case.group, []).append("" if case.passes(read) else _say(case, read))
    return [
        GroupResult(name, lines.count(""), len(lines), tuple(filter(None, lines)))
        for name, lines in outcomes.items()
    ]


def pass_rate(results: Sequence[GroupResult]) -> float:
    """The share of all cases that passed: every case counts the same, whatever its group."""
    return sum(result.passed for result in results) / sum(result.total for result in results)


def shortfalls(results: Sequence[GroupResult], floors: Mapping[str, float]) -> list[str]:
    """Why the suite is not passed, a sentence each; empty when it is.

    Parameters
    ----------
    results : sequence of GroupResult
    floors : mapping of group to share
        As from ``load_floors``; a group without one has none.
    """
    overall = pass_rate(results)
    found = [
        f"{result.name}: {result.passed} of {result.total} passed, needed {floors[result.name]:.0%}"
        for result in results
        if result.pass_rate < floors.get(result.name, 0.0)
    ]
    if overall < MIN_PASS_RATE:
        found.insert(0, f"the suite: {overall:.1%} passed, needed {MIN_PASS_RATE:.0%}")
    return found


def table(results: Sequence[GroupResult]) -> str:
    """The results as lines of text, a group each and the total."""
    total = GroupResult(
        "all", sum(result.passed for result in results), sum(r.total for r in results), ()
    )
    return "\n".join(
        f"{result.name:<12} {result.passed:>4} of {result.total:>4} {result.pass_rate:>7.1%}"
        for result in (*results, total)
    )


def _say(case: Case, predictions: Sequence[Prediction]) -> str:
    read = " | ".join(
        f"{text!r} {prediction.label} {prediction.p_positive:.2f}"
        for text, prediction in zip(case.texts, predictions, strict=True)
    )
    return f"{case.expected}: {read}"


def _read(path: Path) -> list[Case]:
    return [
        Case(group, expected, (entry,) if isinstance(entry, str) else tuple(entry))
        for group, content in _tables(path).items()
        for expected in get_args(Expectation)
        for entry in content.get(expected, ())
    ]


def _tables(path: Path) -> dict[str, dict]:
    return tomllib.loads(path.read_text(encoding="utf-8"))
