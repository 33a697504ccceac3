"""The rankings: lists of the first movies in an order that readers can follow."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from movies.models import HOT_VERDICTS, Movie, MovieQuerySet, Verdict

MAX_PLACES = 100


@dataclass(frozen=True, slots=True)
class Ranking:
    title: Promise | str
    rule: Promise | str
    movies: MovieQuerySet


RANKINGS = {
    "hottest": Ranking(
        _("Hottest"),
        _("Ranked by the low end of the range: a hundred warm reviews beat five glowing ones."),
        Movie.objects.filter(verdict__in=HOT_VERDICTS).surely_hot_first(),
    ),
    "rotten": Ranking(
        _("Most rotten"),
        _("Ranked by the high end of the range: one bad evening does not make a bad movie."),
        Movie.objects.filter(verdict=Verdict.ROTTEN).surely_rotten_first(),
    ),
    "half-baked": Ranking(
        _("Half-Baked"),
        _("Ranked by the width of the range: the first ones need your review most."),
        Movie.objects.filter(verdict=Verdict.MIXED).least_certain_first(),
    ),
    "divided": Ranking(
        _("Most divided"),
        _("Ranked by the size of the smaller camp: movies that half the audience loves."),
        Movie.objects.most_divided_first(),
    ),
    "reviewed": Ranking(
        _("Most reviewed"),
        _("Ranked by the number of reviews that count towards freshness."),
        Movie.objects.filter(n_counted__gt=0).most_reviewed_first(),
    ),
    "newest": Ranking(_("Newest"), _("Ranked by year."), Movie.objects.newest_first()),
}
