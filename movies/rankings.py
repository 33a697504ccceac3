"""The charts: the films at either end, and what they are ordered by."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from movies.models import Movie, MovieQuerySet, Verdict

MAX_PLACES = 100


@dataclass(frozen=True, slots=True)
class Chart:
    title: Promise | str
    rule: Promise | str
    movies: Callable[[], MovieQuerySet]


def _hottest() -> MovieQuerySet:
    hot = [Verdict.HOT, Verdict.CERTIFIED_HOT]
    return Movie.objects.filter(verdict__in=hot).surely_hot_first()


def _most_rotten() -> MovieQuerySet:
    return Movie.objects.filter(verdict=Verdict.ROTTEN).surely_rotten_first()


def _most_reviewed() -> MovieQuerySet:
    return Movie.objects.filter(n_counted__gt=0).most_reviewed_first()


CHARTS = {
    "hottest": Chart(
        _("Hottest"),
        _("Ranked by the low end of the range: a hundred warm reviews beat five glowing ones."),
        _hottest,
    ),
    "rotten": Chart(
        _("Most rotten"),
        _("Ranked by the high end of the range: one bad evening does not make a bad movie."),
        _most_rotten,
    ),
    "divided": Chart(
        _("Most divided"),
        _("Ranked by the size of the smaller camp: movies that half the audience loves."),
        lambda: Movie.objects.most_divided_first(),
    ),
    "reviewed": Chart(
        _("Most reviewed"),
        _("Ranked by the number of reviews that count towards freshness."),
        _most_reviewed,
    ),
    "newest": Chart(_("Newest"), _("Ranked by year."), Movie.objects.newest_first),
}
