"""A movie's freshness: counted with every change of a review, recounted from scratch, judged."""

from django.conf import settings

from mlmodel.sentiment.models.quantification import N_BINS, Share, bin_of, estimate_share
from movies.models import Movie, Verdict
from reviews import freshness_history
from reviews.models import Label, MovieReview

COUNTERS = (
    "n_reviews",
    "n_counted",
    "n_positive",
    "n_human_positive",
    "n_human_negative",
    "p_histogram",
)
JUDGED = ("freshness", "freshness_low", "freshness_high", "verdict")
FRESHNESS_FIELDS = (*COUNTERS, *JUDGED)
# What of a review decides where it is counted.
COUNTED_BY = (
    "movie_id",
    "label",
    "human_label",
    "p_positive",
    "is_hidden",
    "is_held",
    "created_at",
)
SAME_FRESHNESS = 1e-6  # another processor's floating point is not a drift

Drift = dict[str, tuple[object, object]]  # field -> (what is stored, what is right)


def lock_movie(movie_id: int) -> Movie:
    """The movie, read afresh and kept from other writers until the transaction ends.

    Whoever changes a review holds this lock: a review read after it is the one that was counted.
    """
    # no_key: new rows that merely point to the movie need not wait.
    return Movie.objects.select_for_update(no_key=True).get(pk=movie_id)


def count_in(movie: Movie, review: MovieReview) -> None:
    _count(movie, review, +1)


def count_out(movie: Movie, review: MovieReview) -> None:
    _count(movie, review, -1)


def _count(movie: Movie, review: MovieReview, step: int) -> None:
    if review.is_hidden:
        return
    movie.n_reviews += step
    if not review.counts:
        return
    movie.n_counted += step
    freshness_history.count(movie, review, step)
    if review.label == Label.POSITIVE:
        movie.n_positive += step
    if review.human_label == Label.POSITIVE:
        movie.n_human_positive += step
    elif review.human_label == Label.NEGATIVE:
        movie.n_human_negative += step
    elif review.p_positive is not None:
        movie.p_histogram = movie.p_histogram or [0] * N_BINS
        movie.p_histogram[bin_of(review.p_positive)] += step


def refresh(movie: Movie, *, before: str = "") -> None:
    """Estimate freshness and verdict anew from the movie's counters.

    ``before`` is the verdict to be kept if it may be; without it, the one that stands there.
    """
    share = None
    if movie.n_counted >= settings.VERDICT_MIN_REVIEWS:
        share = estimate_share(movie.p_histogram, movie.n_human_positive, movie.n_human_negative)
    movie.freshness = share.estimate if share else None
    movie.freshness_low = share.low if share else None
    movie.freshness_high = share.high if share else None
    movie.verdict = judge(share, before=before or movie.verdict)


def judge(share: Share | None, *, before: str) -> Verdict:
    """The verdict on a freshness; a Certified Hot is kept a little longer than it is earned."""
    if share is None:
        return Verdict.NONE
    if share.estimate < settings.VERDICT_HOT:
        return Verdict.ROTTEN
    earned = share.estimate >= settings.VERDICT_CERTIFIED and share.low >= settings.VERDICT_HOT
    kept = before == Verdict.CERTIFIED_HOT and share.estimate >= settings.VERDICT_CERTIFIED_KEEP
    return Verdict.CERTIFIED_HOT if earned or kept else Verdict.HOT


def save(movie: Movie) -> None:
    movie.save(update_fields=FRESHNESS_FIELDS)
    freshness_history.save([movie])


def recount(movie: Movie) -> Drift:
    """Count a movie's reviews from scratch, in memory, and say what was wrong.

    The movie comes from ``lock_movie``, or a review submitted meanwhile looks like drift.
    """
    stored = {name: getattr(movie, name) for name in FRESHNESS_FIELDS}
    for name in COUNTERS:
        setattr(movie, name, 0)
    movie.p_histogram = [0] * N_BINS
    freshness_history.take_away(movie)
    reviews = movie.reviews.only(*COUNTED_BY)
    for review in reviews.order_by().iterator():
        count_in(movie, review)
    refresh(movie)
    drift: Drift = {
        name: (stored[name], getattr(movie, name))
        for name in FRESHNESS_FIELDS
        if not _same(stored[name], getattr(movie, name))
    }
    return drift | freshness_history.drift(movie)


def _same(stored: object, right: object) -> bool:
    if isinstance(stored, float) and isinstance(right, float):
        return abs(stored - right) < SAME_FRESHNESS
    if isinstance(right, list):
        return (stored or [0] * N_BINS) == right
    return stored == right
