"""The filters of the movie list page and of the API's movie list."""

from typing import Any

import django_filters
from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from movies.models import Genre, Movie, MovieQuerySet, Verdict
from movies.search.query import Search, best_first, interpret, matching

MAX_QUERY_CHARS = 200  # each word is a condition, and SQLite accepts 1,000 of them
FIRST_DECADE = 1870
SORTS = {
    "freshest": (_("Freshest first"), MovieQuerySet.freshest_first),
    "rottenest": (_("Most rotten first"), MovieQuerySet.most_rotten_first),
    "reviewed": (_("Most reviewed first"), MovieQuerySet.most_reviewed_first),
    "newest": (_("Newest first"), MovieQuerySet.newest_first),
    "divided": (_("Most divided first"), MovieQuerySet.most_divided_first),
    "title": (_("By title"), MovieQuerySet.by_title),
}
CERTAINTIES = {
    # The maximum width of the interval: 8 reviews with one label make it 0.3 wide, 60 make it 0.15.
    "sure": (_("High: a range of 15 points or less"), 0.15),
    "fairly": (_("Medium: a range of 30 points or less"), 0.30),
}
REVIEW_COUNTS = (1, 5, 20, 50, 100, 1000)


def decades() -> list[tuple[str, str]]:
    newest = timezone.now().year // 10 * 10
    return [
        (str(year), gettext("%(year)ds") % {"year": year})
        for year in range(newest, FIRST_DECADE - 1, -10)
    ]


def review_counts() -> list[tuple[str, str]]:
    return [
        (str(n), ngettext("%(n)d or more", "%(n)d or more", n) % {"n": n}) for n in REVIEW_COUNTS
    ]


class SearchInput(forms.SearchInput):
    """A search field below which suggest.js shows movies."""

    def build_attrs(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        attrs = {"data-suggest": reverse("movies:suggest"), "data-suggest-label": _("Movies")}
        return attrs | super().build_attrs(*args, **kwargs)


class MovieFilter(django_filters.FilterSet):
    """Invalid values are ignored; ``form.errors`` lists them."""

    q = django_filters.CharFilter(
        label=_("Search"),
        method="search",
        max_length=MAX_QUERY_CHARS,
        help_text=_("Title, people or plot; typos are forgiven"),
        widget=SearchInput,
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
    verdict = django_filters.ChoiceFilter(
        label=_("Verdict"), choices=Verdict.choices, empty_label=_("Any verdict")
    )
    certainty = django_filters.ChoiceFilter(
        label=_("Certainty"),
        method="as_certain",
        choices=[(name, label) for name, (label, _width) in CERTAINTIES.items()],
        empty_label=_("Any certainty"),
    )
    reviews = django_filters.ChoiceFilter(
        label=_("Reviews"),
        method="with_reviews",
        choices=review_counts,
        empty_label=_("Any number"),
    )
    sort = django_filters.ChoiceFilter(
        label=_("Sort by"),
        method="in_order",
        choices=[(name, label) for name, (label, _order) in SORTS.items()],
        empty_label=_("Best first"),
    )
    found = Search()  # how the search text was interpreted

    class Meta:
        model = Movie
        fields = ()

    def search(self, movies: MovieQuerySet, name: str, words: str) -> MovieQuerySet:
        self.found = interpret(words)
        matches = matching(movies, self.found)
        return matches if self.form.cleaned_data.get("sort") else best_first(matches, self.found)

    # The API's schema takes the parameter's type from the argument named "value".
    def of_decade(self, movies: MovieQuerySet, name: str, value: str) -> MovieQuerySet:
        return movies.of_decade(int(value))

    def as_certain(self, movies: MovieQuerySet, name: str, certainty: str) -> MovieQuerySet:
        return movies.surer_than(CERTAINTIES[certainty][1])

    def with_reviews(self, movies: MovieQuerySet, name: str, value: str) -> MovieQuerySet:
        return movies.filter(n_reviews__gte=int(value))

    def in_order(self, movies: MovieQuerySet, name: str, order: str) -> MovieQuerySet:
        return SORTS[order][1](movies)
