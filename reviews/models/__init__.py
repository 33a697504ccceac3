from reviews.models.freshness_month import FreshnessMonth
from reviews.models.labels import HUMAN_LABELS, HideReason, Label, LabelSource
from reviews.models.moderation import BlockedTerm, ReviewBurst, ReviewReport
from reviews.models.rescoring import RescoreRun, VerdictBefore
from reviews.models.review import MAX_NOTE_CHARS, MovieReview, ReviewOrigin
from reviews.models.review_queries import COUNTED, MovieReviewQuerySet

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
