"""The chart of a share over releases. Pages draw it as SVG, without scripts or an image library."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from common.charts import Scale, line, ticks
from common.formatting import percent

WIDTH, HEIGHT = 480, 180  # scaled by the page; the CSS sets the size of the text
LEFT, RIGHT, TOP, BOTTOM = 72, 16, 12, 36
MAX_NAMES = 12  # under the chart; more would overlap


@dataclass(frozen=True, slots=True)
class Point:
    x: float
    y: float
    name: str
    value: str
    shows_name: bool
    is_marked: bool


@dataclass(frozen=True, slots=True)
class Chart:
    points: list[Point]
    lines: list[tuple[float, str]]  # y and label
    path: str
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    foot: int = HEIGHT - 12


def share_chart(values: Sequence[tuple[str, float]], *, marked: str = "") -> Chart | None:
    """Return the chart of named shares (0-1), from left to right; None if there are none."""
    if not values:
        return None
    levels = ticks([value for _, value in values], smallest=0.001, max_steps=4)
    decimals = 1 if levels[1] - levels[0] < 0.009 else 0
    y_of = Scale(levels[0], levels[-1], HEIGHT - BOTTOM, TOP)
    only = len(values) == 1  # drawn in the middle
    x_of = Scale(-only, len(values) - 1 + only, LEFT + 12, WIDTH - RIGHT - 12)
    every = math.ceil(len(values) / MAX_NAMES)
    points = [
        Point(
            x=x_of(place),
            y=y_of(value),
            name=name,
            value=percent(value, 1),
            shows_name=(len(values) - 1 - place) % every == 0,
            is_marked=name == marked,
        )
        for place, (name, value) in enumerate(values)
    ]
    return Chart(
        points=points,
        lines=[(y_of(level), percent(level, decimals)) for level in levels],
        path=line((point.x, point.y) for point in points),
    )
