"""Scales, ticks and paths of the charts that are drawn as SVG."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Scale:
    """Maps values from ``low`` to ``high`` to coordinates from ``start`` to ``end``."""

    low: float
    high: float
    start: float
    end: float
    decimals: int = 1

    def __call__(self, value: float) -> float:
        part = (value - self.low) / (self.high - self.low)
        return round(self.start + part * (self.end - self.start), self.decimals)


def ticks(
    values: Sequence[float], *, smallest: float, max_steps: int, limit: float = math.inf
) -> list[float]:
    """Return round numbers around the values, to be drawn as the lines of an axis.

    ``smallest`` is the smallest distance between two of them; ``max_steps`` of them cover the
    range of the values; none is above ``limit``.
    """
    low, high = min(values), max(values)
    step = next(s for s in _round_numbers(smallest) if (high - low) / s <= max_steps)
    first, last = math.floor(low / step), math.ceil(high / step)
    if first == last:
        first, last = first - 1, last + 1
    return [number * step for number in range(first, last + 1) if number * step <= limit]


def _round_numbers(smallest: float) -> Iterator[float]:
    return (smallest * factor * 10**power for power in range(12) for factor in (1, 2, 5))


def line(points: Iterable[Point]) -> str:
    """Return the ``points`` of an SVG polyline."""
    return " ".join(f"{x},{y}" for x, y in points)


def area(lower: Sequence[Point], upper: Sequence[Point]) -> str:
    """Return the ``points`` of the SVG polygon between two lines."""
    return line([*upper, *reversed(lower)])
