"""The calibration plot of the model card: an SVG whose bytes depend on the figures alone."""

from collections.abc import Mapping, Sequence

from common.charts import Scale, line

SIZE, MARGIN = 320, 48
COLOURS = ("#1f5f99", "#b3541e")
MIN_REVIEWS = 20  # a bin with fewer is mostly chance

x_of = Scale(0, 1, MARGIN, MARGIN + SIZE)
y_of = Scale(0, 1, MARGIN + SIZE, MARGIN)
Bins = Sequence[Mapping[str, float]]  # as from ``evaluation.reliability``


def draw(series: Mapping[str, Bins]) -> str:
    """Draw what was said against what was true.

    Parameters
    ----------
    series : mapping of name to bins
        At most two; bins with fewer than ``MIN_REVIEWS`` reviews are left out.
    """
    side = SIZE + 2 * MARGIN
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" '
        f'width="{side}" height="{side}" role="img" font-family="sans-serif" font-size="12">',
        "<title>Calibration: the share of positive reviews at each stated probability</title>",
        f'<rect width="{side}" height="{side}" fill="#ffffff"/>',
        *_grid(),
    ]
    for place, (name, bins) in enumerate(series.items()):
        lines += _curve(name, bins, place)
    return "\n".join([*lines, "</svg>", ""])


def _grid() -> list[str]:
    lines = []
    for percent in range(0, 101, 20):
        x, y = x_of(percent / 100), y_of(percent / 100)
        lines += [
            f'<path d="M{x} {y_of(0)}V{y_of(1)}M{x_of(0)} {y}H{x_of(1)}" stroke="#dddddd"/>',
            f'<text x="{x}" y="{MARGIN + SIZE + 16}" text-anchor="middle">{percent}</text>',
            f'<text x="{MARGIN - 6}" y="{y}" dy="4" text-anchor="end">{percent}</text>',
        ]
    middle = MARGIN + SIZE // 2
    return [
        *lines,
        f'<path d="M{x_of(0)} {y_of(0)}L{x_of(1)} {y_of(1)}" stroke="#888888" '
        'stroke-dasharray="4 4"/>',
        f'<text x="{middle}" y="{MARGIN + SIZE + 36}" text-anchor="middle">'
        "stated probability of positive, %</text>",
        f'<text transform="translate(14 {middle}) rotate(-90)" text-anchor="middle">'
        "positive in truth, %</text>",
    ]


def _curve(name: str, bins: Bins, place: int) -> list[str]:
    colour = COLOURS[place]
    points = [
        (x_of(bin["p_positive"]), y_of(bin["positive"])) for bin in bins if bin["n"] >= MIN_REVIEWS
    ]
    return [
        f'<polyline points="{line(points)}" fill="none" stroke="{colour}" stroke-width="2"/>',
        *(f'<circle cx="{x}" cy="{y}" r="3" fill="{colour}"/>' for x, y in points),
        f'<text x="{MARGIN + 10}" y="{MARGIN + 18 + 16 * place}" fill="{colour}">{name}</text>',
    ]
