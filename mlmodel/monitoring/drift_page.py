"""The cards of the drift page: each shows one signal in words and as a chart by day."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from common.charts import Scale, line, ticks
from common.formatting import percent
from mlmodel.monitoring.daily_profiles import Drift
from mlmodel.sentiment.monitoring.drift import Signal, compare

WIDTH, HEIGHT = 340, 150  # legible on a phone without zooming
LEFT, RIGHT, TOP, BOTTOM = 44, 12, 10, 26
MAX_LINES = 4

Show = Callable[[float], str]


@dataclass(frozen=True, slots=True)
class Day:
    x: float
    y: float
    low: float | None  # the ends of an estimate's interval
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
    """Return one card for each signal; none without a baseline."""
    signals, reference = drift.signals, drift.reference
    if signals is None or reference is None:
        return []
    by_day = [(day, compare(profile, reference)) for day, profile in sorted(drift.days.items())]
    texts: dict[str, tuple[str, str, Show]] = {
        "length": (_("Length"), _("average number of words in a review"), _count),
        "vocabulary": (
            _("Known vocabulary"),
            _("share of the words that the model knows; the expected value allows for the length"),
            percent,
        ),
        "confidence": (
            _("Confidence"),
            _("average confidence of the model; the expected value allows for the length"),
            percent,
        ),
        "positives": (
            _("Positive share"),
            _("estimated across all movies and corrected as freshness is; its range in brackets"),
            percent,
        ),
    }
    return [
        _card(name, *texts[name], signals[name], [(day, s[name]) for day, s in by_day], drift)
        for name in texts
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
        now=_value(signal, show),
        expected=show(signal.expected),
        psi=signal.psi,
        unreadable=percent(signal.unreadable) if signal.unreadable else "",
        chart=_chart(days, show, drift.first, drift.last),
    )


def _value(signal: Signal, show: Show) -> str:
    if signal.now is None:
        return "–"
    if signal.share is None:
        return show(signal.now)
    return f"{show(signal.now)} ({show(signal.share.low)}–{show(signal.share.high)})"


def _count(value: float) -> str:
    return f"{value:.0f}"


def _chart(
    days: Sequence[tuple[date, Signal]], show: Show, first: date, last: date
) -> DayChart | None:
    points = [(day, signal, signal.now) for day, signal in days if signal.now is not None]
    if not points:
        return None
    values = [now for _day, _signal, now in points] + [s.expected for _day, s, _now in points]
    values += [end for _day, s, _now in points if s.share for end in (s.share.low, s.share.high)]
    is_share = show is percent
    levels = ticks(
        values,
        smallest=0.01 if is_share else 1,
        max_steps=MAX_LINES - 1,
        limit=1 if is_share else math.inf,
    )
    y_of = Scale(levels[0], levels[-1], HEIGHT - BOTTOM, TOP)
    x_scale = Scale(0, max((last - first).days, 1), LEFT + 8, WIDTH - RIGHT - 8)

    def x_of(day: date) -> float:
        return x_scale((day - first).days)

    return DayChart(
        days=[
            Day(
                x=x_of(day),
                y=y_of(now),
                low=y_of(signal.share.low) if signal.share else None,
                high=y_of(signal.share.high) if signal.share else None,
                title=f"{date_format(day)}: {_value(signal, show)}",
            )
            for day, signal, now in points
        ],
        lines=[(y_of(level), show(level)) for level in levels],
        path=line((x_of(day), y_of(now)) for day, _signal, now in points),
        expected_path=_expected_path([(x_of(day), y_of(s.expected)) for day, s, _now in points]),
        first=date_format(first, "MONTH_DAY_FORMAT"),
        last=date_format(last, "MONTH_DAY_FORMAT"),
    )


def _expected_path(points: Sequence[tuple[float, float]]) -> str:
    """Return a line from edge to edge, so that it is visible for a single day as well."""
    (_x, first_y), (_x, last_y) = points[0], points[-1]
    return line([(float(LEFT), first_y), *points, (float(WIDTH - RIGHT), last_y)])
