"""Where the points of a drawing stand. The page draws them as SVG: no script, no image library."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 480, 180  # shrunk on a telephone, and enlarged elsewhere: the CSS sets the type
LEFT, RIGHT, TOP, BOTTOM = 72, 16, 12, 36
STEPS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25)  # between lines across
MAX_LINES = 6
MAX_NAMES = 12  # under the chart; more would run into each other


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
    lines: list[tuple[float, str]]  # y, and what it stands for
    path: str
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    foot: int = HEIGHT - 12


def share_chart(values: Sequence[tuple[str, float]], *, marked: str = "") -> Chart | None:
    """Shares (0-1) by name, from left to right; None if there are none."""
    if not values:
        return None
    low, high = min(value for _, value in values), max(value for _, value in values)
    step = next((s for s in STEPS if (high - low) / s <= MAX_LINES - 2), STEPS[-1])
    first, last = math.floor(low / step), math.ceil(high / step)
    if first == last:
        first, last = first - 1, last + 1
    decimals = 1 if step < 0.01 else 0

    def y_of(value: float) -> float:
        part = (value - first * step) / ((last - first) * step)
        return round(HEIGHT - BOTTOM - part * (HEIGHT - TOP - BOTTOM), 1)

    def x_of(place: int) -> float:
        part = place / (len(values) - 1) if len(values) > 1 else 0.5
        return round(LEFT + 12 + part * (WIDTH - LEFT - RIGHT - 24), 1)

    every = math.ceil(len(values) / MAX_NAMES)
    points = [
        Point(
            x=x_of(place),
            y=y_of(value),
            name=name,
            value=f"{100 * value:.1f}%",
            shows_name=(len(values) - 1 - place) % every == 0,
            is_marked=name == marked,
        )
        for place, (name, value) in enumerate(values)
    ]
    return Chart(
        points=points,
        lines=[
            (y_of(number * step), f"{100 * number * step:.{decimals}f}%")
            for number in range(first, last + 1)
        ],
        path=" ".join(f"{point.x},{point.y}" for point in points),
    )
