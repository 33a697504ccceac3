"""The drift page's cards: one signal each, in words and as a line through the days."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from mlmodel.monitoring.daily_profiles import Drift
from mlmodel.sentiment.monitoring.drift import Signal, compare

WIDTH, HEIGHT = 340, 150  # small, so that it is read without zooming on a telephone
LEFT, RIGHT, TOP, BOTTOM = 44, 12, 10, 26
MAX_LINES = 4

Show = Callable[[float], str]


@dataclass(frozen=True, slots=True)
class Day:
    x: float
    y: float
    low: float | None  # where the interval of an estimate ends
    high: float | None
    title: str


@dataclass(frozen=True, slots=True)
class DayChart:
    days: list[Day]
    lines: list[tuple[float, str]]
    path: str
    expected_path: str
    first: str
    last: str
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    foot: int = HEIGHT - 8


@dataclass(frozen=True, slots=True)
class Card:
    name: str
    title: str
    explanation: str
    state: str  # steady, moved, few
    state_words: str
    now: str
    expected: str
    psi: float | None
    unreadable: str
    chart: DayChart | None


def cards(drift: Drift) -> list[Card]:
    """One card for each signal; none without a reference."""
    signals, reference = drift.signals, drift.reference
    if signals is None or reference is None:
        return []
    by_day = [(day, compare(profile, reference)) for day, profile in sorted(drift.days.items())]
    told = {
        "length": (_("Length"), _("average number of words in a review"), _words),
        "vocabulary": (
            _("Known vocabulary"),
            _("share of the words that the model knows; the expected value allows for the length"),
            _percent,
        ),
        "confidence": (
            _("Confidence"),
            _("average confidence of the model; the expected value allows for the length"),
            _percent,
        ),
        "positives": (
            _("Positive share"),
            _("estimated across all movies and corrected as freshness is; its range in brackets"),
            _percent,
        ),
    }
    return [
        _card(name, *told[name], signals[name], [(day, s[name]) for day, s in by_day], drift)
        for name in told
    ]


def _card(
    name: str,
    title: str,
    explanation: str,
    show: Show,
    signal: Signal,
    days: Sequence[tuple[date, Signal]],
    drift: Drift,
) -> Card:
    return Card(
        name=name,
        title=title,
        explanation=explanation,
        state="few" if signal.state == "too few" else signal.state,
        state_words={
            "steady": _("as in training"),
            "moved": _("shifted"),
            "too few": _("too few reviews"),
        }[signal.state],
        now=_shown(signal, show),
        expected=show(signal.expected),
        psi=signal.psi,
        unreadable=_percent(signal.unreadable) if signal.unreadable else "",
        chart=_chart(days, show, drift.first, drift.last),
    )


def _shown(signal: Signal, show: Show) -> str:
    if signal.now is None:
        return "–"
    if signal.share is None:
        return show(signal.now)
    return f"{show(signal.now)} ({show(signal.share.low)}–{show(signal.share.high)})"


def _words(value: float) -> str:
    return f"{value:.0f}"


def _percent(value: float) -> str:
    return f"{100 * value:.0f}%"


def _chart(
    days: Sequence[tuple[date, Signal]], show: Show, first: date, last: date
) -> DayChart | None:
    known = [(day, signal, signal.now) for day, signal in days if signal.now is not None]
    if not known:
        return None
    values = [now for _day, _signal, now in known] + [s.expected for _day, s, _now in known]
    values += [end for _day, s, _now in known if s.share for end in (s.share.low, s.share.high)]
    step = _step(max(values) - min(values), 0.01 if show is _percent else 1)
    bottom, top = math.floor(min(values) / step), math.ceil(max(values) / step)
    if bottom == top:
        bottom, top = bottom - 1, top + 1
        if show is _percent and top * step > 1:
            top -= 1  # nothing is more than all

    def y_of(value: float) -> float:
        part = (value / step - bottom) / (top - bottom)
        return round(HEIGHT - BOTTOM - part * (HEIGHT - TOP - BOTTOM), 1)

    def x_of(day: date) -> float:
        part = (day - first).days / max((last - first).days, 1)
        return round(LEFT + 8 + part * (WIDTH - LEFT - RIGHT - 16), 1)

    return DayChart(
        days=[
            Day(
                x=x_of(day),
                y=y_of(now),
                low=y_of(signal.share.low) if signal.share else None,
                high=y_of(signal.share.high) if signal.share else None,
                title=f"{date_format(day)}: {_shown(signal, show)}",
            )
            for day, signal, now in known
        ],
        lines=[(y_of(number * step), show(number * step)) for number in range(bottom, top + 1)],
        path=" ".join(f"{x_of(day)},{y_of(now)}" for day, _signal, now in known),
        expected_path=_expected_path([(x_of(day), y_of(s.expected)) for day, s, _now in known]),
        first=date_format(first, "MONTH_DAY_FORMAT"),
        last=date_format(last, "MONTH_DAY_FORMAT"),
    )


def _expected_path(points: Sequence[tuple[float, float]]) -> str:
    """From edge to edge, so that a single day shows what is expected as well."""
    (_x, first_y), (_x, last_y) = points[0], points[-1]
    whole = [(float(LEFT), first_y), *points, (float(WIDTH - RIGHT), last_y)]
    return " ".join(f"{x},{y}" for x, y in whole)


def _step(spread: float, least: float) -> float:
    """A round number of which ``MAX_LINES`` cover the spread."""
    rounds = (least * part * 10**power for power in range(5) for part in (1, 2, 5))
    return next(step for step in rounds if spread / step <= MAX_LINES - 1)
