"""A movie's freshness: updated with every change of a review, or recounted from scratch."""

from django.conf import settings
from django.db.models import QuerySet

from mlmodel.sentiment.models.quantification import (
    N_BINS,
    Share,
    bin_of,
    estimate_share,
    probability_of_share,
)
from movies.models import Movie, Verdict
from reviews.freshness_history import MonthChanges, save_months
from reviews.models import Label, MovieReview

COUNTERS = (
    "n_reviews",
    "n_counted",
    "n_positive",
    "n_human_positive",
    "n_human_negative",
    "p_histogram",
)
ESTIMATED = ("freshness", "freshness_low", "freshness_high", "verdict", "binary_verdict")
FRESHNESS_FIELDS = (*COUNTERS, *ESTIMATED)
# The fields of a review that decide where it is counted.
COUNTED_BY = (
    "movie_id",
    "label",
    "human_label",
    "p_positive",
    "is_hidden",
    "is_held",
    "repeat_of_id",
    "created_at",
)
SAME_FRESHNESS = 1e-6  # floating point results differ between processors

Drift = dict[str, tuple[object, object]]  # field -> (stored value, right value)


def lock_movies(movies: QuerySet[Movie]) -> QuerySet[Movie]:
    """Lock movies, in the order of their keys so that two writers cannot deadlock."""
    # no_key: inserting rows that merely refer to a movie need not wait.
    return movies.select_for_update(no_key=True).order_by("pk")


def lock_movie(movie_id: int) -> Movie:
    """Return the current row of a movie, locked until the transaction ends.

    Every writer of reviews holds this lock, so a review read under it is the one that was counted.
    """
    return lock_movies(Movie.objects.all()).get(pk=movie_id)


class FreshnessCounts:
    """The counters of a locked movie, changed in memory until they are saved."""

    def __init__(self, movie: Movie) -> None:
        self.movie = movie
        self.months = MonthChanges(movie)

    def add(self, review: MovieReview) -> None:
        self._count(review, +1)

    def remove(self, review: MovieReview) -> None:
        self._count(review, -1)

    def _count(self, review: MovieReview, step: int) -> None:
        movie = self.movie
        if review.is_hidden:
            return
        movie.n_reviews += step
        if not review.counts:
            return
        movie.n_counted += step
        self.months.count(review, step)
        if review.label == Label.POSITIVE:
            movie.n_positive += step
        if review.human_label == Label.POSITIVE:
            movie.n_human_positive += step
        elif review.human_label == Label.NEGATIVE:
            movie.n_human_negative += step
        elif review.p_positive is not None:
            movie.p_histogram = movie.p_histogram or [0] * N_BINS
            movie.p_histogram[bin_of(review.p_positive)] += step

    def clear(self) -> None:
        for name in COUNTERS:
            setattr(self.movie, name, 0)
        self.movie.p_histogram = [0] * N_BINS

    def estimate(self, *, previous: str = "") -> None:
        """Estimate freshness and verdict from the counters.

        ``previous`` is the verdict that may be kept, by default the movie's current one.
        """
        movie, share, p_hot = self.movie, None, 0.5
        if movie.n_counted >= settings.VERDICT_MIN_REVIEWS:
            counts = movie.p_histogram, movie.n_human_positive, movie.n_human_negative
            share = estimate_share(*counts)
            p_hot = probability_of_share(settings.VERDICT_HOT, *counts)
        movie.freshness = share.estimate if share else None
        movie.freshness_low = share.low if share else None
        movie.freshness_high = share.high if share else None
        movie.verdict = choose_verdict(share, p_hot, previous=previous or movie.verdict)
        movie.binary_verdict = movie.verdict
        if share and movie.verdict == Verdict.MIXED:
            is_hot = share.estimate >= settings.VERDICT_HOT
            movie.binary_verdict = Verdict.HOT if is_hot else Verdict.ROTTEN

    def save(self) -> None:
        """Save the counters with a new estimate."""
        self.estimate()
        self.movie.save(update_fields=FRESHNESS_FIELDS)
        save_months([self.months])

    def recount(self) -> Drift:
        """Count all reviews from scratch and return the fields that were wrong; not saved."""
        movie = self.movie
        stored = {name: getattr(movie, name) for name in FRESHNESS_FIELDS}
        self.clear()
        self.months.subtract_stored()
        for review in movie.reviews.only(*COUNTED_BY).order_by().iterator():
            self.add(review)
        self.estimate()
        drift: Drift = {
            name: (stored[name], getattr(movie, name))
            for name in FRESHNESS_FIELDS
            if not _is_same(stored[name], getattr(movie, name))
        }
        return drift | self.months.drift()


def recount(movie: Movie, *, save: bool = False) -> Drift:
    """Recount a movie's reviews, and return the fields that were wrong.

    The movie must come from ``lock_movie``, or a review submitted at the same time looks like
    drift.
    """
    counts = FreshnessCounts(movie)
    drift = counts.recount()
    if drift and save:
        counts.save()
    return drift


def choose_verdict(share: Share | None, p_hot: float, *, previous: str) -> Verdict:
    """Return the verdict on an estimate.

    ``p_hot`` is the probability that the freshness reaches ``VERDICT_HOT``: where it decides
    neither way, the movie is Half-Baked. Certified Hot is easier to keep than to earn.
    """
    if share is None:
        return Verdict.NONE
    earned = share.estimate >= settings.VERDICT_CERTIFIED and share.low >= settings.VERDICT_HOT
    kept = previous == Verdict.CERTIFIED_HOT and share.estimate >= settings.VERDICT_CERTIFIED_KEEP
    if earned or kept:
        return Verdict.CERTIFIED_HOT
    if p_hot >= settings.VERDICT_DECIDED:
        return Verdict.HOT
    return Verdict.ROTTEN if 1 - p_hot >= settings.VERDICT_DECIDED else Verdict.MIXED


def _is_same(stored: object, right: object) -> bool:
    if isinstance(stored, float) and isinstance(right, float):
        return abs(stored - right) < SAME_FRESHNESS
    if isinstance(right, list):
        return (stored or [0] * N_BINS) == right
    return stored == right
