from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Abs, Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mlmodel.models import Release
from mlmodel.sentiment.models.prediction import Prediction
from movies.audit import NamedRecords
from movies.models import Movie
from movies.naming import plain


class Label(models.TextChoices):
    UNREAD = "unread", _("not read yet")
    UNREADABLE = "unreadable", _("unreadable")
    POSITIVE = "positive", _("positive")
    NEGATIVE = "negative", _("negative")


# Of the reviews that the model reads with less confidence, one in three is read wrongly: those
# are worth a curator's time.
UNSURE_BELOW = 0.6
MAX_NOTE_CHARS = 300
HUMAN_LABELS = [(Label.POSITIVE, Label.POSITIVE.label), (Label.NEGATIVE, Label.NEGATIVE.label)]


UNSURE = Q(
    model_label__in=[Label.POSITIVE, Label.NEGATIVE],
    p_positive__gt=1 - UNSURE_BELOW,
    p_positive__lt=UNSURE_BELOW,
    human_label="",
    is_hidden=False,
)


# What people and models make of a review: kept in its history.
JUDGED = ("model_label", "human_label", "label", "is_hidden", "hidden_reason", "is_held")
COUNTED = Q(label__in=[Label.POSITIVE, Label.NEGATIVE], is_hidden=False, is_held=False)
# The author says that the model is wrong, or a person has overruled it.
CONTESTED = Q(disputed_at__isnull=False) | (~Q(human_label="") & ~Q(human_label=F("model_label")))


class MovieReviewQuerySet(models.QuerySet):
    def visible(self) -> "MovieReviewQuerySet":
        return self.filter(is_hidden=False)

    def counted(self) -> "MovieReviewQuerySet":
        """Reviews that count for their movie's freshness."""
        return self.filter(COUNTED)

    def unread(self) -> "MovieReviewQuerySet":
        return self.filter(model_label=Label.UNREAD)

    def held_back(self) -> "MovieReviewQuerySet":
        """Reviews of a burst that wait for a curator: shown, and not counted."""
        return self.visible().filter(is_held=True)

    def disputed(self) -> "MovieReviewQuerySet":
        return self.visible().filter(disputed_at__isnull=False)

    def reported(self) -> "MovieReviewQuerySet":
        return self.visible().filter(has_open_reports=True)

    def unsure(self) -> "MovieReviewQuerySet":
        """Reviews that nobody has settled and the model was least sure of."""
        return self.filter(UNSURE).annotate(distance=Abs(F("p_positive") - 0.5))

    def settled(self) -> "MovieReviewQuerySet":
        return self.exclude(human_label="")

    def newest_first(self) -> "MovieReviewQuerySet":
        return self.order_by("-created_at", "-pk")

    def most_confident_first(self) -> "MovieReviewQuerySet":
        return self.order_by("-certainty", "-pk")

    def most_disputed_first(self) -> "MovieReviewQuerySet":
        """The contested ones, then those the model was least sure of."""
        return self.order_by("certainty", "pk")


class MovieReview(models.Model):
    movie = models.ForeignKey(Movie, on_delete=models.CASCADE, related_name="reviews")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="reviews",
    )
    guest_name = models.CharField(max_length=60, blank=True)
    text = models.TextField()
    has_spoilers = models.BooleanField(_("gives the plot away"), default=False, db_default=False)
    # The label is stored, not recomputed: a review keeps the judgement of the model
    # version that read it, so that retraining never silently rewrites a movie's past.
    model_label = models.CharField(
        max_length=10, choices=Label.choices, default=Label.UNREAD, editable=False
    )
    p_positive = models.FloatField(null=True, editable=False)
    known_share = models.FloatField(null=True, editable=False)
    release = models.ForeignKey(
        Release,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="reviews",
    )
    human_label = models.CharField(max_length=10, choices=HUMAN_LABELS, blank=True, default="")
    settled_at = models.DateTimeField(null=True, blank=True, editable=False)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="settled_reviews",
    )
    # Set while the author's "this is wrong" waits for a curator.
    disputed_at = models.DateTimeField(null=True, blank=True, editable=False)
    dispute_note = models.CharField(max_length=MAX_NOTE_CHARS, blank=True, editable=False)
    # Kept with the review, so that the queue asks an index and not a join.
    has_open_reports = models.BooleanField(default=False, editable=False)
    # The one that counts: the human label where there is one, else the model's.
    label = models.CharField(
        max_length=10, choices=Label.choices, default=Label.UNREAD, editable=False
    )
    is_hidden = models.BooleanField(_("hidden"), default=False)
    hidden_reason = models.CharField(
        _("reason"),
        max_length=MAX_NOTE_CHARS,
        blank=True,
        default="",
        db_default="",
        help_text=_("Why it is hidden; its author reads this."),
    )
    # Came in a burst: shown, but not counted until a curator has decided.
    is_held = models.BooleanField(default=False, db_default=False, editable=False)
    burst = models.ForeignKey(
        "ReviewBurst",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="reviews",
        db_index=False,  # below, for the few that have one
    )
    # How far the model was from undecided, 0 to 0.5; below 0 where its reading is contested.
    # A column, so that a film's reviews come in its order from an index.
    certainty = models.GeneratedField(
        expression=Case(
            When(CONTESTED, then=Value(-1.0)),
            default=Coalesce(Abs(F("p_positive") - 0.5), Value(0.0)),
        ),
        output_field=models.FloatField(),
        db_persist=True,
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = MovieReviewQuerySet.as_manager()
    # Of labels, never of words: what an author has rewritten or withdrawn is gone.
    history = NamedRecords("movie", "release", *JUDGED, no_db_index=["movie", "release"])
    save_without_historical_record: Callable[..., None]
    _change_reason: str

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["movie", "-created_at", "-id"]),
            models.Index(fields=["-created_at", "-id"]),
            models.Index(
                fields=["movie", "certainty", "id"], condition=COUNTED, name="review_certainty"
            ),
            models.Index(
                fields=["movie", "label", "certainty", "id"],
                condition=COUNTED,
                name="review_certainty_of_label",
            ),
            models.Index(
                fields=["id"], condition=Q(model_label="unread"), name="review_waiting_to_be_read"
            ),
            models.Index(
                fields=["burst"], condition=Q(burst__isnull=False), name="review_of_burst"
            ),
            models.Index(fields=["movie"], condition=Q(is_held=True), name="review_held_back"),
            # The curators' queue and the export: a few of millions each.
            models.Index(
                fields=["disputed_at"],
                condition=Q(disputed_at__isnull=False),
                name="review_disputed",
            ),
            models.Index(fields=["id"], condition=Q(has_open_reports=True), name="review_reported"),
            models.Index(Abs(F("p_positive") - 0.5), "id", condition=UNSURE, name="review_unsure"),
            models.Index(fields=["id"], condition=~Q(human_label=""), name="review_settled"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["movie", "author"], name="review_one_per_author_and_movie"
            ),
            models.CheckConstraint(
                condition=Q(p_positive__isnull=True) | Q(p_positive__gte=0, p_positive__lte=1),
                name="review_p_positive_is_a_probability",
            ),
            models.CheckConstraint(
                condition=Q(human_label="", label=F("model_label"))
                | (~Q(human_label="") & Q(label=F("human_label"))),
                name="review_human_label_counts",
            ),
            models.CheckConstraint(
                condition=Q(human_label="", settled_at__isnull=True)
                | (~Q(human_label="") & Q(settled_at__isnull=False)),
                name="review_settled_has_a_time",
            ),
            models.CheckConstraint(
                condition=Q(is_held=False) | Q(burst__isnull=False),
                name="review_held_back_for_a_burst",
            ),
            models.CheckConstraint(
                condition=Q(model_label="unread") | Q(p_positive__isnull=False),
                name="review_label_has_a_probability",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.author_name} on {self.movie}"

    def get_absolute_url(self) -> str:
        return reverse("reviews:detail", args=[self.pk])

    def apply(self, prediction: Prediction, release: Release | None) -> None:
        """Take over what the model read: label, probability and release together."""
        self.model_label = prediction.label
        self.p_positive = prediction.p_positive
        self.known_share = prediction.known_share
        self.release = release
        self.label = self.human_label or self.model_label

    def settle(self, human_label: str, *, by=None) -> None:
        """A person says what the label is; an empty one hands it back to the model.

        Either way the author's dispute is answered.
        """
        self.human_label = human_label
        self.label = human_label or self.model_label
        self.settled_at = timezone.now() if human_label else None
        self.settled_by = by if human_label else None
        self.disputed_at, self.dispute_note = None, ""

    def judgement(self) -> tuple[object, ...]:
        return tuple(getattr(self, name) for name in JUDGED)

    @property
    def author_name(self) -> str:
        if self.author:
            return self.author.get_username()
        return self.guest_name or str(_("a guest"))

    @property
    def confidence(self) -> float | None:
        """The model's probability of its own label, 0.5 to 1; None while unread or unreadable."""
        if self.p_positive is None or self.model_label == Label.UNREADABLE:
            return None
        return max(self.p_positive, 1 - self.p_positive)

    @property
    def counts(self) -> bool:
        waits = self.is_hidden or self.is_held
        return not waits and self.label in (Label.POSITIVE, Label.NEGATIVE)

    @property
    def may_be_disputed(self) -> bool:
        """The model has read it, and no person has."""
        return not self.human_label and self.model_label != Label.UNREAD


class FreshnessMonth(models.Model):
    """What was written of a movie in one month and counts, by what it was read as."""

    movie = models.ForeignKey(Movie, on_delete=models.CASCADE, related_name="freshness_months")
    month = models.DateField()  # its first day
    # As many as bins of a probability; then labelled positive, negative by a person.
    counts = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["movie", "month"], name="freshness_once_a_month"),
        ]

    def __str__(self) -> str:
        return f"{self.movie_id} in {self.month:%Y-%m}"


class ReviewBurst(models.Model):
    """Reviews of one movie that came too fast: held back until a curator has decided."""

    class Decision(models.TextChoices):
        COUNT = "count", _("they count")
        HIDE = "hide", _("they are hidden")

    movie = models.ForeignKey(Movie, on_delete=models.CASCADE, related_name="bursts")
    started_at = models.DateTimeField(auto_now_add=True)
    decision = models.CharField(max_length=10, choices=Decision.choices, blank=True, default="")
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("burst of reviews")
        verbose_name_plural = _("bursts of reviews")
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
    """What may not stand in a review, a name or an address in it."""

    class Kind(models.TextChoices):
        WORD = "word", _("word or phrase")
        DOMAIN = "domain", _("domain")

    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.WORD)
    term = models.CharField(
        max_length=100,
        unique=True,
        help_text=_(
            "Whole words only, whatever the capitals and accents; a domain stands for its "
            "subdomains, too."
        ),
    )
    note = models.CharField(
        max_length=MAX_NOTE_CHARS, blank=True, help_text=_("Why; for curators.")
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("blocked word or domain")
        verbose_name_plural = _("blocked words and domains")
        ordering = ["term"]

    def __str__(self) -> str:
        return self.term

    def clean(self) -> None:
        self.term = normal_term(self.kind, self.term)
        if not self.term:
            raise ValidationError({"term": _("Nothing is left of it to look for.")})


def normal_term(kind: str, term: str) -> str:
    """As it is looked for: plain letters; of an address, its domain alone."""
    term = " ".join(plain(term).split())
    if kind == BlockedTerm.Kind.DOMAIN:
        term = term.partition("://")[2] or term
        term = term.partition("/")[0].removeprefix("www.").strip(".")
    return term


class ReviewReport(models.Model):
    """Somebody says that a review should not stand there."""

    class Reason(models.TextChoices):
        SPAM = "spam", _("advertising or spam")
        ABUSE = "abuse", _("abusive or hateful")
        OTHER = "other", _("something else")

    review = models.ForeignKey(MovieReview, on_delete=models.CASCADE, related_name="reports")
    reporter = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True
    )
    reason = models.CharField(max_length=10, choices=Reason.choices)
    created_at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True, blank=True)  # a curator has looked

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            # A closed report stays, so that nobody can bring the same one again and again.
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


class RescoreRun(models.Model):
    """One pass of a model over the stored reviews, with where it is."""

    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="rescore_runs")
    last_pk = models.BigIntegerField(default=0)  # every review up to it is done
    until_pk = models.BigIntegerField()  # what came in later was read by a newer model anyway
    n_read = models.PositiveIntegerField(default=0)
    n_settled = models.PositiveIntegerField(default=0)
    n_left_alone = models.PositiveIntegerField(default=0)
    n_failed = models.PositiveIntegerField(default=0)
    changes = models.JSONField(default=dict)  # "negative to positive" -> how many reviews
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"rescoring with {self.release}"


class VerdictBefore(models.Model):
    """What a movie's verdict was before a rescoring changed it for the first time."""

    run = models.ForeignKey(RescoreRun, on_delete=models.CASCADE, related_name="verdicts_before")
    movie = models.ForeignKey(Movie, on_delete=models.CASCADE, related_name="+")
    verdict = models.CharField(max_length=20)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "movie"], name="verdict_before_once_per_movie"),
        ]

    def __str__(self) -> str:
        return f"{self.movie_id} was {self.verdict}"


class ReviewOrigin(models.Model):
    """What an imported review is called where it comes from; the next import finds it by that."""

    review = models.OneToOneField(MovieReview, on_delete=models.CASCADE, related_name="origin")
    key = models.CharField(max_length=200, unique=True)

    def __str__(self) -> str:
        return self.key
