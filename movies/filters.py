"""The one set of filters of the list page and of the API's list."""

import django_filters
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from movies.models import Genre, Movie, MovieQuerySet

MAX_QUERY_CHARS = 200  # each word is a condition of its own, and SQLite stops at 1,000 of them
FIRST_DECADE = 1870
SORTS = {
    "freshest": (_("Freshest first"), MovieQuerySet.freshest_first),
    "rottenest": (_("Most rotten first"), MovieQuerySet.most_rotten_first),
    "reviewed": (_("Most reviewed first"), MovieQuerySet.most_reviewed_first),
    "newest": (_("Newest first"), MovieQuerySet.newest_first),
    "title": (_("By title"), MovieQuerySet.by_title),
}


def decades() -> list[tuple[str, str]]:
    newest = timezone.now().year // 10 * 10
    return [(str(year), f"{year}s") for year in range(newest, FIRST_DECADE - 1, -10)]


class MovieFilter(django_filters.FilterSet):
    """What it cannot read it ignores; ``form.errors`` says so."""

    q = django_filters.CharFilter(
        label=_("Search"), method="search", max_length=MAX_QUERY_CHARS, help_text=_("Title, people")
    )
    genre = django_filters.ModelChoiceFilter(
        label=_("Genre"),
        field_name="genres",
        queryset=Genre.objects.all(),
        to_field_name="slug",
        empty_label=_("All genres"),
    )
    decade = django_filters.ChoiceFilter(
        label=_("Decade"), method="of_decade", choices=decades, empty_label=_("All decades")
    )
    sort = django_filters.ChoiceFilter(
        label=_("Sort"),
        method="in_order",
        choices=[(name, label) for name, (label, _order) in SORTS.items()],
        empty_label=None,
    )

    class Meta:
        model = Movie
        fields = ()

    def search(self, movies: MovieQuerySet, name: str, words: str) -> MovieQuerySet:
        return movies.search(words)

    # The API's schema reads the parameter's type off the argument "value".
    def of_decade(self, movies: MovieQuerySet, name: str, value: str) -> MovieQuerySet:
        return movies.of_decade(int(value))

    def in_order(self, movies: MovieQuerySet, name: str, order: str) -> MovieQuerySet:
        return SORTS[order][1](movies)
