from reviews.models.freshness_month import FreshnessMonth
from reviews.models.moderation import BlockedTerm, ReviewBurst, ReviewReport
from reviews.models.rescoring import RescoreRun, VerdictBefore
from reviews.models.review import (
    MAX_NOTE_CHARS,
    Label,
    MovieReview,
    MovieReviewQuerySet,
    ReviewOrigin,
)

__all__ = [
    "MAX_NOTE_CHARS",
    "BlockedTerm",
    "FreshnessMonth",
    "Label",
    "MovieReview",
    "MovieReviewQuerySet",
    "RescoreRun",
    "ReviewBurst",
    "ReviewOrigin",
    "ReviewReport",
    "VerdictBefore",
]
