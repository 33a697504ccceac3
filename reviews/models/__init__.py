from reviews.models.freshness_month import FreshnessMonth
from reviews.models.moderation import BlockedTerm, ReviewBurst, ReviewReport
from reviews.models.rescoring import RescoreRun, VerdictBefore
from reviews.models.review import (
    COUNTED,
    HUMAN_LABELS,
    MAX_NOTE_CHARS,
    HideReason,
    Label,
    LabelSource,
    MovieReview,
    MovieReviewQuerySet,
    ReviewOrigin,
)

__all__ = [
    "COUNTED",
    "HUMAN_LABELS",
    "MAX_NOTE_CHARS",
    "BlockedTerm",
    "FreshnessMonth",
    "HideReason",
    "Label",
    "LabelSource",
    "MovieReview",
    "MovieReviewQuerySet",
    "RescoreRun",
    "ReviewBurst",
    "ReviewOrigin",
    "ReviewReport",
    "VerdictBefore",
]
