"""A preview of how another model would label the stored reviews. Nothing is changed."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mlmodel.sentiment.io.batches import predict_each
from mlmodel.sentiment.models.scorer import Scorer
from movies.models import Movie, Verdict
from reviews.freshness import FreshnessCounts
from reviews.models import MovieReview

MAX_REVIEWS = 20_000  # scored in about five seconds; of more reviews, a sample is taken
MOVIES_AT_ONCE = 200
N_EXAMPLES = 5


@dataclass
class PromotionPreview:
    n_movies: int = 0  # scored: all that have reviews, unless it is a sample
    n_reviews: int = 0
    is_sample: bool = False
    n_labels: int = 0  # that would change
    verdicts: list[tuple[Movie, str, str]] = field(default_factory=list)  # that would: old, new


def preview_promotion(scorer: Scorer, *, max_reviews: int = MAX_REVIEWS) -> PromotionPreview:
    """Compare the visible reviews' labels and verdicts with those by another scorer."""
    movie_ids, is_sample = _select_movies(max_reviews)
    preview = PromotionPreview(is_sample=is_sample)
    for start in range(0, len(movie_ids), MOVIES_AT_ONCE):
        _compare(scorer, movie_ids[start : start + MOVIES_AT_ONCE], preview)
    return preview


def _select_movies(max_reviews: int) -> tuple[list[int], bool]:
    """Return all movies with reviews, or a random sample that fits, and whether it is one."""
    sizes = list(
        Movie.objects.filter(n_reviews__gt=0).order_by("pk").values_list("pk", "n_reviews")
    )
    if sum(n for _pk, n in sizes) <= max_reviews:
        return [pk for pk, _n in sizes], False
    random.Random(0).shuffle(sizes)  # noqa: S311  # the same sample whenever the page is opened
    sample, room = [], max_reviews
    for pk, n in sizes:
        if n <= room:
            sample.append(pk)
            room -= n
    return sample, True


def _compare(scorer: Scorer, movie_ids: Sequence[int], preview: PromotionPreview) -> None:
    counts = {movie.pk: FreshnessCounts(movie) for movie in Movie.objects.filter(pk__in=movie_ids)}
    for each in counts.values():
        each.clear()
    for review, stored_label in _rescored_reviews(scorer, movie_ids):
        preview.n_reviews += 1
        preview.n_labels += review.label != stored_label
        counts[review.movie_id].add(review)
    for each in counts.values():
        stored_verdict = each.movie.verdict
        each.estimate()
        preview.n_movies += 1
        if each.movie.verdict != stored_verdict:
            preview.verdicts.append((each.movie, stored_verdict, each.movie.verdict))


def _rescored_reviews(
    scorer: Scorer, movie_ids: Sequence[int]
) -> Iterator[tuple[MovieReview, str]]:
    """Yield each visible review with the scorer's prediction, and its stored label."""
    reviews = list(MovieReview.objects.visible().filter(movie__in=movie_ids).order_by("pk"))
    predictions = predict_each(scorer, [review.text for review in reviews])
    for review, prediction in zip(reviews, predictions, strict=True):
        stored_label = review.label
        if prediction is not None:
            review.apply(prediction, None)
        yield review, stored_label


def describe_promotion(scorer: Scorer) -> list[str]:
    """Return the preview as sentences, for the page on which a curator promotes a release."""
    preview = preview_promotion(scorer)
    sentences = []
    if preview.is_sample:
        sentences.append(
            _("Too many reviews to score now: this preview is based on a sample of %(n)d movies.")
            % {"n": preview.n_movies}
        )
    n_verdicts = len(preview.verdicts)
    sentences.append(
        ngettext(
            "%(n)d movie would get a different verdict.",
            "%(n)d movies would get a different verdict.",
            n_verdicts,
        )
        % {"n": n_verdicts}
    )
    sentences.append(
        ngettext(
            "%(n)d of %(all)d reviews would get a different label.",
            "%(n)d of %(all)d reviews would get different labels.",
            preview.n_labels,
        )
        % {"n": preview.n_labels, "all": preview.n_reviews}
    )
    sentences += [
        f"{movie}: {Verdict(old).label} → {Verdict(new).label}"
        for movie, old, new in preview.verdicts[:N_EXAMPLES]
    ]
    sentences.append(_("Stored reviews keep their labels until you run rescore."))
    return sentences
