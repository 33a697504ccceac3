"""Which reviews count, wait for a person or teach a model; conditions for queries and indexes."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Abs

from mlmodel.confidence import UNSURE_BELOW
from reviews.models.labels import Label

UNSURE = Q(
    model_label__in=[Label.POSITIVE, Label.NEGATIVE],
    p_positive__gt=1 - UNSURE_BELOW,
    p_positive__lt=UNSURE_BELOW,
    human_label="",
    is_hidden=False,
)


# The condition of the indexes, which is wider: few reviews repeat another one.
COUNTABLE = Q(label__in=[Label.POSITIVE, Label.NEGATIVE], is_hidden=False, is_held=False)
COUNTED = COUNTABLE & Q(repeat_of__isnull=True)
# The label that counts is the author's. Compared, because after a rollback the version before
# changes the human label alone.
SETTLED_BY_AUTHOR = Q(is_settled_by_author=True, human_label=F("author_label")) & ~Q(human_label="")
# The author disputes the model's label, or a person has replaced it.
CONTESTED = Q(disputed_at__isnull=False) | (~Q(human_label="") & ~Q(human_label=F("model_label")))


class MovieReviewQuerySet(models.QuerySet):
    def visible(self) -> "MovieReviewQuerySet":
        return self.filter(is_hidden=False)

    def counted(self) -> "MovieReviewQuerySet":
        """Return the reviews that count towards their movie's freshness."""
        return self.filter(COUNTED)

    def unread(self) -> "MovieReviewQuerySet":
        return self.filter(model_label=Label.UNREAD)

    def held_back(self) -> "MovieReviewQuerySet":
        """Return the visible reviews of undecided bursts, which are not counted."""
        return self.visible().filter(is_held=True)

    def disputed(self) -> "MovieReviewQuerySet":
        return self.visible().filter(disputed_at__isnull=False)

    def reported(self) -> "MovieReviewQuerySet":
        return self.visible().filter(has_open_reports=True)

    def unsure(self) -> "MovieReviewQuerySet":
        """Return the reviews with an uncertain label that no person has confirmed or corrected."""
        return self.filter(UNSURE).annotate(distance=Abs(F("p_positive") - 0.5))

    def settled(self) -> "MovieReviewQuerySet":
        return self.exclude(human_label="")

    def for_training(self) -> "MovieReviewQuerySet":
        """Return the reviews whose human labels a model may learn from and be evaluated with.

        An author's label on a text that the model cannot read, or that came in an undecided
        burst, says nothing reliable about English reviews.
        """
        doubtful = SETTLED_BY_AUTHOR & (Q(model_label=Label.UNREADABLE) | Q(is_held=True))
        return self.settled().visible().exclude(doubtful)

    def newest_first(self) -> "MovieReviewQuerySet":
        return self.order_by("-created_at", "-pk")

    def most_confident_first(self) -> "MovieReviewQuerySet":
        return self.order_by("-certainty", "-pk")

    def most_disputed_first(self) -> "MovieReviewQuerySet":
        """Order contested reviews first, then those with the least certain predictions."""
        return self.order_by("certainty", "pk")
