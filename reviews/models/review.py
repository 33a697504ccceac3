from collections.abc import Callable
from hashlib import blake2b

from django.conf import settings
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Abs, Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.lookalikes import without_controls
from common.text import isolated
from mlmodel.confidence import UNSURE_BELOW, band_name
from mlmodel.models import Release
from mlmodel.sentiment.models.prediction import Prediction
from mlmodel.unreadable import UnreadableReason
from movies.audit import NamedRecords
from movies.models import Movie
from reviews.models.labels import HUMAN_LABELS, HideReason, Label, LabelSource
from reviews.models.review_queries import CONTESTED, COUNTABLE, UNSURE, MovieReviewQuerySet

MAX_NOTE_CHARS = 300
# Changes of these fields are recorded in the review's history.
AUDITED_FIELDS = (
    *("model_label", "human_label", "author_label", "is_settled_by_author", "label"),
    *("is_hidden", "hidden_reason", "is_held"),
)


class MovieReview(models.Model):
    movie = models.ForeignKey(
        Movie,
        on_delete=models.CASCADE,
        related_name="reviews",
        verbose_name=_("movie"),
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="reviews",
        verbose_name=_("author"),
    )
    guest_name = models.CharField(_("guest name"), max_length=60, blank=True)
    text = models.TextField(_("text"))
    has_spoilers = models.BooleanField(_("contains spoilers"), default=False, db_default=False)
    # The label is stored, not recomputed: a review keeps the prediction of the release that
    # scored it, so that retraining never silently rewrites a movie's past.
    model_label = models.CharField(
        _("model’s label"),
        max_length=10,
        choices=Label.choices,
        default=Label.UNREAD,
        editable=False,
    )
    p_positive = models.FloatField(_("probability of positive"), null=True, editable=False)
    known_share = models.FloatField(_("known vocabulary"), null=True, editable=False)
    # Empty if the review has a label, and for reviews that were scored before there were reasons.
    unreadable_reason = models.CharField(
        _("why it has no label"),
        max_length=16,
        choices=UnreadableReason.choices,
        blank=True,
        default="",
        db_default="",
        editable=False,
    )
    language = models.CharField(
        _("language of the text"),
        max_length=8,
        blank=True,
        default="",
        db_default="",
        editable=False,
        help_text=_("The ISO 639 code, if the text is in another language."),
    )
    release = models.ForeignKey(
        Release,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="reviews",
        verbose_name=_("release"),
    )
    # The label set by a person: the curator's if there is one, else the author's.
    human_label = models.CharField(
        _("label set by a person"), max_length=10, choices=HUMAN_LABELS, blank=True, default=""
    )
    # Whether the author liked the movie. It is kept when a curator overrules it.
    author_label = models.CharField(
        _("author’s label"),
        max_length=10,
        choices=HUMAN_LABELS,
        blank=True,
        default="",
        db_default="",
        editable=False,
    )
    is_settled_by_author = models.BooleanField(
        _("label set by the author"), default=False, db_default=False, editable=False
    )
    settled_at = models.DateTimeField(_("label set"), null=True, blank=True, editable=False)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="settled_reviews",
        verbose_name=_("label set by"),
    )
    # Set while the author's dispute waits for a curator.
    disputed_at = models.DateTimeField(_("disputed"), null=True, blank=True, editable=False)
    dispute_note = models.CharField(
        _("note on the dispute"), max_length=MAX_NOTE_CHARS, blank=True, editable=False
    )
    # Denormalised, so that the moderation queue uses an index instead of a join.
    has_open_reports = models.BooleanField(default=False, editable=False)
    # The label that counts: the human label if there is one, else the model's.
    label = models.CharField(
        _("label"), max_length=10, choices=Label.choices, default=Label.UNREAD, editable=False
    )
    is_hidden = models.BooleanField(_("hidden"), default=False)
    hidden_reason = models.CharField(
        _("reason"),
        max_length=MAX_NOTE_CHARS,
        blank=True,
        default="",
        db_default="",
        help_text=_("Why the review is hidden. Its author will see this."),
    )
    # Part of a burst: shown, but not counted until a curator has decided.
    is_held = models.BooleanField(_("held back"), default=False, db_default=False, editable=False)
    burst = models.ForeignKey(
        "ReviewBurst",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="reviews",
        db_index=False,  # a partial index below covers the few that have one
        verbose_name=_("review burst"),
    )
    # Another review of this movie by a guest in the same browser, which counts instead of this one.
    repeat_of = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="repeats",
        db_index=False,  # a partial index below covers the few that have one
        verbose_name=_("repeats"),
    )
    # Distance of the probability from 0.5, from 0 to 0.5; negative if the label is contested.
    # A column, so that an index can return a movie's reviews in this order.
    certainty = models.GeneratedField(
        expression=Case(
            When(CONTESTED, then=Value(-1.0)),
            default=Coalesce(Abs(F("p_positive") - 0.5), Value(0.0)),
        ),
        output_field=models.FloatField(),
        db_persist=True,
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    objects = MovieReviewQuerySet.as_manager()
    # Labels only, never the text: what an author has rewritten or withdrawn must be gone.
    history = NamedRecords("movie", "release", *AUDITED_FIELDS, no_db_index=["movie", "release"])
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
                fields=["movie", "certainty", "id"], condition=COUNTABLE, name="review_certainty"
            ),
            models.Index(
                fields=["movie", "label", "certainty", "id"],
                condition=COUNTABLE,
                name="review_certainty_of_label",
            ),
            models.Index(
                fields=["id"], condition=Q(model_label="unread"), name="review_waiting_to_be_read"
            ),
            models.Index(
                fields=["burst"], condition=Q(burst__isnull=False), name="review_of_burst"
            ),
            models.Index(
                fields=["repeat_of"], condition=Q(repeat_of__isnull=False), name="review_repeat"
            ),
            models.Index(fields=["movie"], condition=Q(is_held=True), name="review_held_back"),
            # Partial indexes for the moderation queue and export_labels: a few rows of millions.
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
        return _("%(name)s on %(movie)s") % {"name": self.byline, "movie": self.movie}

    def get_absolute_url(self) -> str:
        return reverse("reviews:detail", args=[self.pk])

    def apply(self, prediction: Prediction, release: Release | None) -> None:
        """Store a prediction: label, probability and release together."""
        self.model_label = prediction.label
        self.p_positive = prediction.p_positive
        self.known_share = prediction.vocabulary_coverage
        self.unreadable_reason = prediction.reason or ""
        self.language = prediction.language
        self.release = release
        self.label = self.human_label or self.model_label

    def mark_unread(self) -> None:
        """Remove the model's prediction; ``score_pending`` will score the review."""
        self.model_label = Label.UNREAD
        self.p_positive = self.known_share = self.release = None
        self.unreadable_reason = self.language = ""
        self.label = self.human_label or Label.UNREAD

    def settle(self, human_label: str, *, by=None) -> None:
        """Set a curator's label, or remove the label that counts with an empty one.

        Removing a curator's label restores the author's. The author's dispute is closed.
        """
        if human_label:
            self._set_human_label(human_label, by_id=by.pk if by else None)
        elif self.label_source == LabelSource.CURATOR:
            self.settle_as_author(self.author_label)
        else:
            self.settle_as_author("")

    def settle_as_author(self, author_label: str) -> None:
        """Set the author's label, or remove it with an empty one."""
        self.author_label = author_label
        self._set_human_label(author_label, by_id=self.author_id)
        self.is_settled_by_author = bool(author_label)

    def _set_human_label(self, human_label: str, *, by_id: int | None) -> None:
        self.human_label = human_label
        self.label = human_label or self.model_label
        self.settled_at = timezone.now() if human_label else None
        self.settled_by_id = by_id if human_label else None
        self.is_settled_by_author = False
        self.disputed_at, self.dispute_note = None, ""

    def audited_values(self) -> tuple[object, ...]:
        return tuple(getattr(self, name) for name in AUDITED_FIELDS)

    @property
    def label_source(self) -> LabelSource:
        if not self.human_label:
            return LabelSource.MODEL
        if self.is_settled_by_author and self.human_label == self.author_label:
            return LabelSource.AUTHOR
        return LabelSource.CURATOR

    @property
    def fingerprint(self) -> str:
        """A hash that a page sends back, so that only the text it showed is decided on."""
        return blake2b(self.text.encode(), digest_size=8).hexdigest()

    @property
    def has_account(self) -> bool:
        return self.author_id is not None

    @property
    def signature(self) -> str:
        """The name of the account, or the one that a guest gave; may be empty."""
        if self.author:
            return self.author.get_username()
        return without_controls(self.guest_name)  # imports and old reviews may have some

    @property
    def author_name(self) -> str:
        return self.signature or str(_("a guest"))

    @property
    def byline(self) -> str:
        """The name for plain text, which says that it is a guest's."""
        if self.author or not self.signature:
            return isolated(self.author_name)
        return _("%(name)s (guest)") % {"name": isolated(self.signature)}

    @property
    def shown_hidden_reason(self) -> str:
        """Why it is hidden: in the reader's language, or in the curator's own words."""
        return str(dict(HideReason.choices).get(self.hidden_reason, self.hidden_reason))

    @property
    def confidence(self) -> float | None:
        """The model's probability of its own label, 0.5 to 1; None if unread or unreadable."""
        if self.p_positive is None or self.model_label == Label.UNREADABLE:
            return None
        return max(self.p_positive, 1 - self.p_positive)

    @property
    def label_in_words(self) -> str:
        """The label with its certainty: "negative · not sure"."""
        label = str(self.get_label_display())
        if self.human_label or self.confidence is None:
            return label
        return f"{label} · {band_name(self.confidence)}"

    @property
    def is_unsure(self) -> bool:
        """Whether curators should check the label: it is the model's, and little but a guess."""
        if self.human_label or self.is_hidden or self.confidence is None:
            return False
        return self.confidence < UNSURE_BELOW

    @property
    def waits_for_a_label(self) -> bool:
        """Whether the review is shown but does not count, because it has no label yet."""
        return self.label == Label.UNREADABLE and not self.is_hidden

    @property
    def counts(self) -> bool:
        is_excluded = self.is_hidden or self.is_held or self.repeat_of_id is not None
        return not is_excluded and self.label in (Label.POSITIVE, Label.NEGATIVE)

    @property
    def may_be_disputed(self) -> bool:
        """Whether the label is the model's."""
        return not self.human_label and self.model_label != Label.UNREAD

    @property
    def author_may_settle(self) -> bool:
        """Whether the author may say if they liked the movie.

        Not about "First!" or "lol": a click alone is not a review.
        """
        is_review = self.unreadable_reason != UnreadableReason.TOO_SHORT
        return is_review and self.label_source != LabelSource.CURATOR


class ReviewOrigin(models.Model):
    """The key of an imported review at its source; the next import finds the review by it."""

    review = models.OneToOneField(MovieReview, on_delete=models.CASCADE, related_name="origin")
    key = models.CharField(max_length=200, unique=True)

    def __str__(self) -> str:
        return self.key
