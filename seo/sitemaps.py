from datetime import datetime

from django.contrib.sitemaps import Sitemap
from django.db.models import QuerySet
from django.urls import reverse

from movies.models import Movie


class MovieSitemap(Sitemap):
    limit = 5000

    def items(self) -> QuerySet[Movie]:
        return Movie.objects.only("slug", "updated_at").order_by("pk")

    def lastmod(self, movie: Movie) -> datetime:
        return movie.updated_at


class PageSitemap(Sitemap):
    def items(self) -> list[str]:
        return [
            "home",
            "movies:list",
            "movies:freshness",
            "mlmodel:try",
            "mlmodel:model",
            "mlmodel:drift",
        ]

    def location(self, name: str) -> str:
        return reverse(name)


SITEMAPS = {"pages": PageSitemap, "movies": MovieSitemap}
