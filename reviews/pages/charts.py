"""What the drawings on a movie's page show, in hundredths of their width and height."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.utils.functional import Promise

from common.charts import Scale, area, line
from mlmodel.confidence import BANDS
from mlmodel.sentiment.models.quantification import N_BINS
from reviews.freshness_history import Moment

y_of = Scale(0, 1, 100, 0, decimals=2)


@dataclass(frozen=True, slots=True)
class Place:
    x: float
    y: float
    moment: Moment


@dataclass(frozen=True, slots=True)
class HistoryChart:
    places: list[Place]
    hot_y: float

    @property
    def first(self) -> Moment:
        return self.places[0].moment

    @property
    def last(self) -> Moment:
        return self.places[-1].moment

    @property
    def hot_label_y(self) -> float:
        """In pixels, above the line: the plot begins at 20 and is 140 high."""
        return round(20 + 1.4 * self.hot_y - 5, 1)

    @property
    def line(self) -> str:
        return line((place.x, place.y) for place in self.places)

    @property
    def band(self) -> str:
        """The 90 % interval as an SVG polygon."""
        shares = [(place.x, place.moment.share) for place in self.places]
        lower = [(x, y_of(share.low)) for x, share in shares]
        return area(lower, [(x, y_of(share.high)) for x, share in shares])


def history_chart(moments: Sequence[Moment]) -> HistoryChart | None:
    """Return the chart of two moments or more, else None."""
    if len(moments) < 2:
        return None
    x_of = Scale(_number(moments[0].month), _number(moments[-1].month), 0, 100, decimals=2)
    places = [
        Place(x_of(_number(moment.month)), y_of(moment.share.estimate), moment)
        for moment in moments
    ]
    return HistoryChart(places, y_of(settings.VERDICT_HOT))


@dataclass(frozen=True, slots=True)
class Bar:
    x: float
    y: float
    height: float
    n: int
    side: str
    low: int  # percent, of the probability of its label
    high: int


@dataclass(frozen=True, slots=True)
class Row:
    """The numbers of positive and negative reviews within one band of confidence."""

    words: str | Promise
    n_positive: int
    n_negative: int


@dataclass(frozen=True, slots=True)
class ConfidenceChart:
    bars: list[Bar]
    rows: list[Row]
    n: int
    n_very_sure: int


def confidence_chart(histogram: Sequence[int]) -> ConfidenceChart | None:
    """Return a movie's histogram as bars, and as rows by confidence; None if it is empty."""
    if not any(histogram):
        return None
    rows = [_row(histogram, position) for position in range(len(BANDS))]
    return ConfidenceChart(
        bars=[_bar(position, n, max(histogram)) for position, n in enumerate(histogram)],
        rows=rows,
        n=sum(histogram),
        n_very_sure=rows[0].n_positive + rows[0].n_negative,
    )


def _bar(position: int, n: int, highest: int) -> Bar:
    height = max(100 * n / highest, 1.5) if n else 0.0  # one of a million is visible, too
    is_positive = position >= N_BINS // 2
    step = position if is_positive else N_BINS - 1 - position
    return Bar(
        x=round(100 * position / N_BINS, 2),
        y=round(100 - height, 2),
        height=round(height, 2),
        n=n,
        side="positive" if is_positive else "negative",
        low=round(100 * step / N_BINS),
        high=round(100 * (step + 1) / N_BINS),
    )


def _row(histogram: Sequence[int], position: int) -> Row:
    # Each bound is the start of a histogram bin, so that the rows add up.
    bound, name = BANDS[position]
    top = BANDS[position - 1][0] if position else 1.0
    first, last = (round(N_BINS * share) for share in (bound, top))
    return Row(
        words=name,
        n_positive=sum(histogram[first:last]),
        n_negative=sum(histogram[N_BINS - last : N_BINS - first]),
    )


def _number(month: date) -> int:
    return 12 * month.year + month.month
