"""What decides a movie's place in a ranking or a sorted list, in words to show beside it."""

from collections.abc import Callable

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.formatting import percent
from movies.models import Movie


def at_least(movie: Movie) -> str:
    return _("at least %(share)s") % {"share": percent(movie.freshness_low)}


def at_most(movie: Movie) -> str:
    return _("at most %(share)s") % {"share": percent(movie.freshness_high)}


def between(movie: Movie) -> str:
    ends = {"low": percent(movie.freshness_low), "high": percent(movie.freshness_high)}
    return _("between %(low)s and %(high)s") % ends


def smaller_camp(movie: Movie) -> str:
    if movie.freshness_low is None or movie.freshness_high is None:
        return ""
    share = min(movie.freshness_low, 1 - movie.freshness_high)
    return _("at least %(share)s on either side") % {"share": percent(share)}


def counted(movie: Movie) -> str:
    text = ngettext("%(shown)s review counted", "%(shown)s reviews counted", movie.n_counted)
    return text % {"shown": intcomma(movie.n_counted)}


# By the name of a ranking or of a sort order. The others are by what every entry shows.
ORDER_KEYS: dict[str, Callable[[Movie], str]] = {
    "hottest": at_least,
    "rotten": at_most,
    "half-baked": between,
    "divided": smaller_camp,
    "reviewed": counted,
}


def order_key(movie: Movie, order: str) -> str:
    """Return the key, or "" if the order is by title, year or freshness."""
    key = ORDER_KEYS.get(order)
    return key(movie) if key else ""
