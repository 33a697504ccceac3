"""The rankings: lists of the first movies in an order that readers can follow."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from movies.models import Movie, MovieQuerySet, Verdict

MAX_PLACES = 100


@dataclass(frozen=True, slots=True)
class Ranking:
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


RANKINGS = {
    "hottest": Ranking(
        _("Hottest"),
        _("Ranked by the low end of the range: a hundred warm reviews beat five glowing ones."),
        _hottest,
    ),
    "rotten": Ranking(
        _("Most rotten"),
        _("Ranked by the high end of the range: one bad evening does not make a bad movie."),
        _most_rotten,
    ),
    "divided": Ranking(
        _("Most divided"),
        _("Ranked by the size of the smaller camp: movies that half the audience loves."),
        lambda: Movie.objects.most_divided_first(),
    ),
    "reviewed": Ranking(
        _("Most reviewed"),
        _("Ranked by the number of reviews that count towards freshness."),
        _most_reviewed,
    ),
    "newest": Ranking(_("Newest"), _("Ranked by year."), Movie.objects.newest_first),
}
