from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Least
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from movies.audit import NamedRecords
from movies.indexes import NullsLastIndex
from movies.naming import search_key, unique_slug
from movies.posters.hosts import is_allowed


class Verdict(models.TextChoices):
    NONE = "none", _("No verdict yet")
    ROTTEN = "rotten", _("Rotten")
    MIXED = "mixed", _("Half-Baked")  # the reviews do not decide between hot and rotten
    HOT = "hot", _("Hot")
    CERTIFIED_HOT = "certified_hot", _("Certified Hot")


DEAD_AFTER = 3  # failed runs of fetch_posters after which a poster's address counts as dead
HOT_VERDICTS = (Verdict.HOT, Verdict.CERTIFIED_HOT)
# Fields that curators and imports write; all others are derived.
OPTIONAL = (
    "directors",
    "cast",
    "runtime_min",
    "synopsis",
    "poster_url",
    "imdb_id",
    "wikipedia_page",
)
CATALOGUED = ("title", "year", *OPTIONAL)


class Genre(models.Model):
    name = models.CharField(_("name"), max_length=40, unique=True)
    slug = models.SlugField(max_length=40, unique=True)

    class Meta:
        verbose_name = _("genre")
        verbose_name_plural = _("genres")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


MAX_WORD_CHARS = 40  # the longest word of the catalogue has 34 letters
SMALLER_CAMP = Least(F("freshness_low"), Value(1.0) - F("freshness_high"))


class MovieQuerySet(models.QuerySet):
    def of_decade(self, first_year: int) -> "MovieQuerySet":
        return self.filter(year__gte=first_year, year__lt=first_year + 10)

    def freshest_first(self) -> "MovieQuerySet":
        # A movie without a freshness is unknown, not rotten: it comes last in both orders.
        return self.order_by(F("freshness").desc(nulls_last=True), "title", "pk")

    def most_rotten_first(self) -> "MovieQuerySet":
        return self.order_by(F("freshness").asc(nulls_last=True), "title", "pk")

    def most_reviewed_first(self) -> "MovieQuerySet":
        return self.order_by("-n_counted", "title", "pk")

    def surely_hot_first(self) -> "MovieQuerySet":
        """Order by the lower end of the interval: five glowing reviews prove little."""
        return self.filter(freshness__isnull=False).order_by("-freshness_low", "title", "pk")

    def surely_rotten_first(self) -> "MovieQuerySet":
        return self.filter(freshness__isnull=False).order_by("freshness_high", "title", "pk")

    def least_certain_first(self) -> "MovieQuerySet":
        return self.order_by(F("freshness_low") - F("freshness_high"), "title", "pk")

    def most_divided_first(self) -> "MovieQuerySet":
        """Order by the minimum share of the smaller camp."""
        return self.filter(freshness__isnull=False).order_by(SMALLER_CAMP.desc(), "title", "pk")

    def surer_than(self, width: float) -> "MovieQuerySet":
        """Return the movies whose freshness interval is at most ``width`` wide."""
        return self.filter(freshness_high__lte=F("freshness_low") + width)

    def with_poster_address(self) -> "MovieQuerySet":
        return self.exclude(poster_url="")

    def with_poster_to_fetch(self, *, is_kept: bool) -> "MovieQuerySet":
        """Return the movies with an address that was not fetched, or not checked, or failed."""
        unchecked = ~Q(poster_checked_url=F("poster_url"))
        failed = Q(poster_failures__gt=0, poster_failures__lt=DEAD_AFTER)
        only_checked = Q(poster_file="", poster_failures=0)
        return self.filter(unchecked | failed | only_checked if is_kept else unchecked | failed)

    def newest_first(self) -> "MovieQuerySet":
        return self.order_by("-year", "title", "pk")

    def by_title(self) -> "MovieQuerySet":
        return self.order_by("title", "pk")


class Movie(models.Model):
    title = models.CharField(_("title"), max_length=400)
    slug = models.SlugField(max_length=120, unique=True, editable=False)
    year = models.PositiveSmallIntegerField(
        _("year"), validators=[MinValueValidator(1874), MaxValueValidator(2100)]
    )
    directors = models.JSONField(_("directors"), default=list, blank=True)
    cast = models.JSONField(_("cast"), default=list, blank=True)
    genres = models.ManyToManyField(
        Genre,
        blank=True,
        related_name="movies",
        verbose_name=_("genres"),
    )
    runtime_min = models.PositiveSmallIntegerField(_("runtime in minutes"), null=True, blank=True)
    synopsis = models.TextField(_("synopsis"), blank=True)
    poster_url = models.URLField(_("poster URL"), max_length=500, blank=True)
    imdb_id = models.CharField(
        _("IMDb ID"),
        max_length=10,
        unique=True,
        null=True,
        blank=True,
        validators=[RegexValidator(r"^tt\d{7,8}$", _("Enter an IMDb ID such as tt0033467."))],
    )
    # Identifies the movie in imports.
    wikipedia_page = models.CharField(
        _("Wikipedia page"), max_length=400, unique=True, null=True, blank=True
    )
    search_key = models.TextField(editable=False, default="")

    # Written only by fetch_posters. They hold for this address: a new one is unchecked. With
    # defaults in the database, because the previous version inserts rows without them.
    poster_checked_url = models.URLField(
        max_length=500, blank=True, default="", db_default="", editable=False
    )
    poster_checked_at = models.DateTimeField(_("poster checked"), null=True, editable=False)
    poster_file = models.CharField(
        max_length=32, blank=True, default="", db_default="", editable=False
    )
    poster_failures = models.PositiveSmallIntegerField(default=0, db_default=0, editable=False)
    poster_problem = models.CharField(
        _("poster problem"),
        max_length=200,
        blank=True,
        default="",
        db_default="",
        editable=False,
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    # Written only by reviews.freshness, in the transaction that changes a review.
    n_reviews = models.PositiveIntegerField(_("reviews"), default=0, editable=False)
    n_counted = models.PositiveIntegerField(_("counted reviews"), default=0, editable=False)
    n_positive = models.PositiveIntegerField(_("positive reviews"), default=0, editable=False)
    n_human_positive = models.PositiveIntegerField(
        _("labelled positive by people"), default=0, editable=False
    )
    n_human_negative = models.PositiveIntegerField(
        _("labelled negative by people"), default=0, editable=False
    )
    # Counted reviews without a human label: a histogram of their calibrated probabilities.
    p_histogram = models.JSONField(default=list, editable=False)
    freshness = models.FloatField(_("freshness"), null=True, editable=False)
    freshness_low = models.FloatField(_("low end of the range"), null=True, editable=False)
    freshness_high = models.FloatField(_("high end of the range"), null=True, editable=False)
    verdict = models.CharField(
        _("verdict"),
        max_length=13,
        choices=Verdict.choices,
        default=Verdict.NONE,
        db_default=Verdict.NONE,
        editable=False,
        db_column="current_verdict",
    )
    # The previous version runs beside this one during a deploy, and after a rollback. It reads
    # this column and fails on "mixed": Hot or Rotten instead, by the estimate alone.
    binary_verdict = models.CharField(
        max_length=13,
        default=Verdict.NONE,
        db_default=Verdict.NONE,
        editable=False,
        db_column="verdict",
    )

    objects = MovieQuerySet.as_manager()
    history = NamedRecords(*CATALOGUED, m2m_fields=["genres"])

    class Meta:
        verbose_name = _("movie")
        verbose_name_plural = _("movies")
        ordering = ["title", "pk"]
        indexes = [
            models.Index(fields=["title", "id"]),
            models.Index(fields=["-year", "title", "id"]),
            models.Index(fields=["-n_counted", "title", "id"]),
            NullsLastIndex(
                F("freshness").desc(nulls_last=True), "title", "id", name="movie_freshest"
            ),
            NullsLastIndex(
                F("freshness").asc(nulls_last=True), "title", "id", name="movie_rottenest"
            ),
            models.Index(fields=["verdict"]),
            # For the rankings: only movies with a freshness, which are few.
            models.Index(
                F("freshness_low").desc(),
                "title",
                "id",
                condition=Q(freshness__isnull=False),
                name="movie_surely_hot",
            ),
            models.Index(
                F("freshness_high"),
                "title",
                "id",
                condition=Q(freshness__isnull=False),
                name="movie_surely_rotten",
            ),
            models.Index(
                SMALLER_CAMP.desc(),
                "title",
                "id",
                condition=Q(freshness__isnull=False),
                name="movie_most_divided",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(n_positive__lte=F("n_counted")) & Q(n_counted__lte=F("n_reviews")),
                name="movie_counts_fit_together",
            ),
            models.CheckConstraint(
                condition=Q(freshness__isnull=True) | Q(freshness__gte=0, freshness__lte=1),
                name="movie_freshness_is_a_share",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.year})"

    def save(self, *args, **kwargs) -> None:
        self.prepare()
        super().save(*args, **kwargs)

    def prepare(self) -> None:
        """Fill the derived fields; code that uses ``bulk_create`` must call this itself."""
        self.imdb_id = self.imdb_id or None
        self.wikipedia_page = self.wikipedia_page or None
        self.search_key = search_key(self.title, str(self.year), *self.directors, *self.cast)
        if not self.slug:
            self.slug = unique_slug(self.title, self.year, taken=self._slug_is_taken)

    def _slug_is_taken(self, slug: str) -> bool:
        return Movie.objects.filter(slug=slug).exclude(pk=self.pk).exists()

    def get_absolute_url(self) -> str:
        return reverse("movies:detail", args=[self.slug])

    @property
    def poster(self) -> str:
        """Return the address of the poster that pages show."""
        if self.poster_url and self.poster_url == self.poster_checked_url:
            if self.poster_file:
                return reverse("movies:kept-poster", args=[self.slug, self.poster_file])
            if self.poster_failures >= DEAD_AFTER:
                return self.drawn_poster
        return self.poster_url if is_allowed(self.poster_url) else self.drawn_poster

    @property
    def drawn_poster(self) -> str:
        return reverse("movies:poster", args=[self.slug])

    @property
    def has_verdict(self) -> bool:
        return self.verdict != Verdict.NONE


class SearchWord(models.Model):
    """A word of a movie's title, year or people; search corrects typing errors with it."""

    text = models.CharField(max_length=MAX_WORD_CHARS, unique=True)

    def __str__(self) -> str:
        return self.text
