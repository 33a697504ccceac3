from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from movies.models import Movie
from movies.naming import plain
from reviews.models.review import MAX_NOTE_CHARS, MovieReview


class ReviewBurst(models.Model):
    """Reviews of one movie that came unusually fast, held back until a curator decides."""

    class Decision(models.TextChoices):
        COUNT = "count", _("counted")
        HIDE = "hide", _("hidden")

    movie = models.ForeignKey(
        Movie,
        on_delete=models.CASCADE,
        related_name="bursts",
        verbose_name=_("movie"),
    )
    started_at = models.DateTimeField(_("started"), auto_now_add=True)
    decision = models.CharField(
        _("decision"), max_length=10, choices=Decision.choices, blank=True, default=""
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("decided by"),
    )

    class Meta:
        verbose_name = _("review burst")
        verbose_name_plural = _("review bursts")
        ordering = [F("decided_at").desc(nulls_first=True), "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["movie"],
                condition=Q(decided_at__isnull=True),
                name="burst_open_once_a_movie",
            ),
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True, decision="")
                | (Q(decided_at__isnull=False) & ~Q(decision="")),
                name="burst_decided_has_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.movie}, {self.started_at:%Y-%m-%d %H:%M}"


class BlockedTerm(models.Model):
    """A word or domain that is not allowed in reviews and names."""

    class Kind(models.TextChoices):
        WORD = "word", _("word or phrase")
        DOMAIN = "domain", _("domain")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.WORD)
    term = models.CharField(
        _("term"),
        max_length=100,
        unique=True,
        help_text=_(
            "Matches whole words and ignores case and accents. A domain also covers its subdomains."
        ),
    )
    note = models.CharField(
        _("note"),
        max_length=MAX_NOTE_CHARS,
        blank=True,
        help_text=_("Why it is blocked. Only curators see this."),
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("blocked word or domain")
        verbose_name_plural = _("blocked words and domains")
        ordering = ["term"]

    def __str__(self) -> str:
        return self.term

    def clean(self) -> None:
        self.term = normal_term(self.kind, self.term)
        if not self.term:
            raise ValidationError({"term": _("Enter at least one letter or digit.")})


def normal_term(kind: str, term: str) -> str:
    """Reduce a term to what is searched for: plain letters, and the domain of an address."""
    term = " ".join(plain(term).split())
    if kind == BlockedTerm.Kind.DOMAIN:
        term = term.partition("://")[2] or term
        term = term.partition("/")[0].removeprefix("www.").strip(".")
    return term


class ReviewReport(models.Model):
    """A complaint about a review, for the curators."""

    class Reason(models.TextChoices):
        SPAM = "spam", _("Advertising or spam")
        ABUSE = "abuse", _("Abusive or hateful")
        OTHER = "other", _("Something else")

    review = models.ForeignKey(MovieReview, on_delete=models.CASCADE, related_name="reports")
    reporter = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True
    )
    reason = models.CharField(max_length=10, choices=Reason.choices)
    created_at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True, blank=True)  # when a curator has dealt with it

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            # Closed reports are kept, so that the same report cannot be repeated.
            models.UniqueConstraint(
                fields=["review", "reporter"],
                condition=Q(reporter__isnull=False),
                name="report_one_per_account",
            ),
            models.UniqueConstraint(
                fields=["review", "reason"],
                condition=Q(reporter__isnull=True),
                name="report_one_per_reason_of_guests",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_reason_display()}: {self.review_id}"
