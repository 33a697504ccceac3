"""The list of a movie's reviews, filtered by label and sorted."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from movies.models import Movie
from reviews.models import COUNTED, MovieReviewQuerySet

LABELS: dict[str, str | Promise] = {
    "": _("All"),
    "positive": pgettext_lazy("reviews", "Positive"),
    "negative": pgettext_lazy("reviews", "Negative"),
    "uncounted": _("Not counted"),
}
SORTS: dict[str, str | Promise] = {
    "newest": _("Newest first"),
    "confident": _("Most confident first"),
    "disputed": _("Most disputed first"),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """A link that changes the filter or the order."""

    words: str | Promise
    query: str
    is_current: bool
    n: int | None = None


@dataclass(frozen=True, slots=True)
class ReviewListQuery:
    """A filter and an order. Numbers come from the movie's counters, without a query."""

    movie: Movie
    label: str
    sort: str

    @property
    def n(self) -> int:
        # Sorting by confidence leaves out the reviews that do not count.
        if self.sort != "newest" and not self.label:
            return self.movie.n_counted
        return self.n_of(self.label)

    def n_of(self, label: str) -> int:
        movie = self.movie
        return {
            "": movie.n_reviews,
            "positive": movie.n_positive,
            "negative": movie.n_counted - movie.n_positive,
            "uncounted": movie.n_reviews - movie.n_counted,
        }[label]

    @property
    def reviews(self) -> MovieReviewQuerySet:
        reviews = self.movie.reviews.visible()
        if self.label == "uncounted":
            reviews = reviews.exclude(COUNTED)
        elif self.label:
            reviews = reviews.counted().filter(label=self.label)
        if self.sort == "newest":
            return reviews.newest_first()
        reviews = reviews.counted()
        if self.sort == "confident":
            return reviews.most_confident_first()
        return reviews.most_disputed_first()

    @property
    def query(self) -> str:
        return _query(self.label, self.sort)

    def labels(self) -> list[Choice]:
        return [
            Choice(words, _query(label, self.sort), label == self.label, self.n_of(label))
            for label, words in LABELS.items()
            if self.n_of(label) or label == self.label
        ]

    def sorts(self) -> list[Choice]:
        if self.label == "uncounted":
            return []
        return [
            Choice(words, _query(self.label, sort), sort == self.sort)
            for sort, words in SORTS.items()
        ]


def parse_query(movie: Movie, params: Mapping[str, str]) -> ReviewListQuery:
    """Read the query string, and ignore values that are not valid."""
    label = params.get("label", "")
    sort = params.get("sort", "")
    label = label if label in LABELS else ""
    if label == "uncounted" or sort not in SORTS:
        sort = "newest"
    return ReviewListQuery(movie, label, sort)


def _query(label: str, sort: str) -> str:
    params = {"label": label, "sort": "" if sort == "newest" else sort}
    return urlencode({name: value for name, value in params.items() if value})
