"""RSS feeds of new reviews, of all movies and of one."""

from datetime import datetime

from django.contrib.syndication.views import Feed
from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.text import printable
from movies.models import Movie
from reviews.models import MovieReview
from seo.badge import verdict_and_range

N_REVIEWS = 30


class ReviewsFeed(Feed):
    title = gettext_lazy("New reviews · Rotten Potatoes")
    description = gettext_lazy("The latest reviews and their labels.")

    def link(self) -> str:
        return reverse("home")

    def items(self) -> QuerySet[MovieReview]:
        return newest(MovieReview.objects.all())

    def item_title(self, item: MovieReview) -> str:
        values = {"name": item.byline, "movie": item.movie, "label": item.label_in_words}
        return printable(_("%(name)s on %(movie)s: %(label)s") % values)

    def item_description(self, item: MovieReview) -> str:
        if item.has_spoilers:
            return _("This review contains spoilers.")
        return printable(item.text)  # XML forbids control characters

    def item_pubdate(self, item: MovieReview) -> datetime:
        return item.created_at


class MovieReviewsFeed(ReviewsFeed):
    def get_object(self, request: HttpRequest, slug: str) -> Movie:
        return get_object_or_404(Movie, slug=slug)

    def title(self, movie: Movie) -> str:  # type: ignore[override]
        return printable(_("New reviews of %(movie)s · Rotten Potatoes") % {"movie": movie})

    def description(self, movie: Movie) -> str:  # type: ignore[override]
        return printable(verdict_and_range(movie))

    def link(self, movie: Movie) -> str:  # type: ignore[override]
        return movie.get_absolute_url()

    def items(self, movie: Movie) -> QuerySet[MovieReview]:  # type: ignore[override]
        return newest(movie.reviews.all())


def newest(reviews: QuerySet[MovieReview]) -> QuerySet[MovieReview]:
    shown = reviews.visible().newest_first()  # type: ignore[attr-defined]
    return shown.select_related("movie", "author")[:N_REVIEWS]
