from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


class ReleaseQuerySet(models.QuerySet["Release"]):
    def champion(self) -> "Release | None":
        return self.filter(is_champion=True).first()

    def newest_first(self) -> "ReleaseQuerySet":
        return self.order_by("-created_at", "-pk")


class Release(models.Model):
    """A model version of this site, with its lineage."""

    # MLflow's registered version ("3"), or the name of a pretrained model ("pretrained-1").
    version = models.CharField(_("version"), max_length=40, unique=True)
    is_champion = models.BooleanField(_("champion"), default=False, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    promoted_at = models.DateTimeField(_("promoted"), null=True, blank=True)
    promoted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        verbose_name=_("promoted by"),
    )
    algorithm = models.CharField(_("algorithm"), max_length=40)
    params = models.JSONField(_("parameters"), default=dict)
    metrics = models.JSONField(_("metrics"), default=dict)
    # Lineage: git commit -> dataset hash -> MLflow run -> model version -> image tag.
    git_commit = models.CharField(_("Git commit"), max_length=40, blank=True)
    git_dirty = models.BooleanField(_("uncommitted changes"), default=False)
    dataset_version = models.CharField(_("dataset version"), max_length=40, blank=True)
    dataset_hash = models.CharField(_("dataset hash"), max_length=64, blank=True)
    n_reviews = models.PositiveIntegerField(_("reviews in the dataset"), null=True)
    run_id = models.CharField(_("training run"), max_length=64, blank=True)
    image_tag = models.CharField(_("container image"), max_length=100, blank=True)
    # The model folder: below MODEL_STORE by its checksum, or the pretrained one.
    # Not unique: the same data and algorithm give the same bytes, and are two releases.
    checksum = models.CharField(_("checksum"), max_length=64, db_index=True)
    # The result of ``gate.Report.as_dict``; empty until the gate has run.
    gate = models.JSONField(_("gate report"), default=dict, blank=True)

    objects = ReleaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("release")
        verbose_name_plural = _("releases")
        ordering = ["-created_at", "-pk"]
        permissions = [("promote_release", "Can promote and roll back releases")]
        constraints = [
            models.UniqueConstraint(
                fields=["is_champion"], condition=Q(is_champion=True), name="release_one_champion"
            ),
        ]

    def __str__(self) -> str:
        return _("model %(version)s") % {"version": self.version}

    @property
    def is_refused(self) -> bool:
        """Whether the gate has rejected the release."""
        return self.gate.get("passed") is False

    @property
    def gate_result(self) -> str:
        """What the gate said, in a word or two; empty if it has not run."""
        if not self.gate:
            return ""
        if self.is_refused:
            return gettext("rejected")
        # Such a release cannot replace a better model.
        is_smoke = self.gate.get("profile") == "smoke"
        return gettext("smoke test only") if is_smoke else gettext("passed")

    @property
    def last_promotion(self) -> "Promotion | None":
        """How it became champion, the last time; costs a query."""
        return self.promotions.newest_first().first() if self.pk else None

    def promote(
        self, *, by=None, by_name: str = "", kind: str = "", reason: str = "", forced: bool = False
    ) -> None:
        """Make it the champion and record the promotion; do nothing if it is the champion."""
        with transaction.atomic():
            # All rows are locked first, so that concurrent promotions queue.
            rows = list(Release.objects.select_for_update().order_by("pk"))
            previous = next((row for row in rows if row.is_champion), None)
            if previous == self:
                return
            Release.objects.filter(is_champion=True).update(is_champion=False)
            self.is_champion, self.promoted_at, self.promoted_by = True, timezone.now(), by
            self.save(update_fields=["is_champion", "promoted_at", "promoted_by"])
            Promotion.objects.create(
                release=self,
                previous=previous,
                kind=kind or Promotion.Kind.PROMOTE,
                at=self.promoted_at,
                by=by,
                by_name=by_name or (by.get_username() if by else ""),
                reason=reason,
                forced=forced,
                image_tag=settings.IMAGE_TAG,
            )


class PromotionQuerySet(models.QuerySet["Promotion"]):
    def newest_first(self) -> "PromotionQuerySet":
        return self.order_by("-pk")

    def champions(self) -> list[int]:
        """Return the keys of the champions that rollbacks return to, the current one last.

        A rollback reverts the promotion before it, so that two in a row go two champions back.
        """
        stack: list[int] = []
        for kind, release in self.order_by("pk").values_list("kind", "release"):
            if kind == Promotion.Kind.ROLLBACK and len(stack) > 1:
                stack.pop()
            else:
                stack.append(release)
        return stack


class Promotion(models.Model):
    """One change of the champion: when, by whom and why. What it says is never changed."""

    class Kind(models.TextChoices):
        PROMOTE = "promote", _("promoted")
        ROLLBACK = "rollback", _("rolled back to")
        PIN = "pin", _("pinned")  # an exact older version, that was champion before

    release = models.ForeignKey(
        Release,
        on_delete=models.PROTECT,
        related_name="promotions",
        verbose_name=_("release"),
    )
    previous = models.ForeignKey(
        Release,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("replaced release"),
    )
    kind = models.CharField(_("action"), max_length=10, choices=Kind.choices)
    at = models.DateTimeField(_("date"), default=timezone.now)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        verbose_name=_("account"),
    )
    # A copy of the name: accounts may be deleted, and commands have none.
    by_name = models.CharField(_("by"), max_length=150, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    forced = models.BooleanField(_("despite the gate"), default=False)
    # The image that promoted it.
    image_tag = models.CharField(_("container image"), max_length=100, blank=True)
    # Whether it is recorded in MLflow, which must not hold up a promotion.
    is_announced = models.BooleanField(default=False, db_default=False, editable=False)

    objects = PromotionQuerySet.as_manager()

    class Meta:
        verbose_name = _("promotion")
        verbose_name_plural = _("promotions")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(forced=False) | ~Q(reason=""), name="promotion_forced_has_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.release} {self.get_kind_display()}"


class DriftDay(models.Model):
    """The profile of one day's reviews, as the release that scored them saw them."""

    day = models.DateField()
    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="drift_days")
    # Denormalised from the profile, for sums over days.
    n_reviews = models.PositiveIntegerField()
    profile = models.JSONField()  # ``sentiment.profile.Profile.as_dict``
    counted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["day"]
        constraints = [
            models.UniqueConstraint(fields=["day", "release"], name="drift_day_once_per_release"),
        ]

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d}, {self.release}"
