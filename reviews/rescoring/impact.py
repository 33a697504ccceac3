"""What another model would make of the reviews that are stored. Nothing is changed."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mlmodel.sentiment.io.batches import predict_each
from mlmodel.sentiment.models.quantification import N_BINS
from mlmodel.sentiment.models.scorer import Scorer
from movies.models import Movie
from reviews import freshness
from reviews.models import MovieReview

MAX_REVIEWS = 20_000  # read in about five seconds; of more, a sample of films is looked at
MOVIES_AT_ONCE = 200
N_EXAMPLES = 5


@dataclass
class Preview:
    n_movies: int = 0  # looked at; all that have reviews, unless it is a sample
    n_reviews: int = 0
    is_sample: bool = False
    n_labels: int = 0  # that would change
    changed: list[tuple[Movie, str, str]] = field(default_factory=list)  # verdict before, after


def preview(scorer: Scorer, *, max_reviews: int = MAX_REVIEWS) -> Preview:
    """How labels and verdicts would be if the scorer had read the visible reviews."""
    found = Preview()
    chosen, found.is_sample = _choose(max_reviews)
    for start in range(0, len(chosen), MOVIES_AT_ONCE):
        _read(scorer, chosen[start : start + MOVIES_AT_ONCE], found)
    return found


def _choose(max_reviews: int) -> tuple[list[int], bool]:
    """Movies with reviews, all or as many as fit, by chance."""
    sizes = list(
        Movie.objects.filter(n_reviews__gt=0).order_by("pk").values_list("pk", "n_reviews")
    )
    if sum(n for _pk, n in sizes) <= max_reviews:
        return [pk for pk, _n in sizes], False
    random.Random(0).shuffle(sizes)  # noqa: S311  # the same films when the page is opened again
    chosen, left = [], max_reviews
    for pk, n in sizes:
        if n <= left:
            chosen.append(pk)
            left -= n
    return chosen, True


def _read(scorer: Scorer, movie_ids: Sequence[int], found: Preview) -> None:
    movies = Movie.objects.in_bulk(movie_ids)
    before = {pk: movie.verdict for pk, movie in movies.items()}
    for movie in movies.values():
        for name in freshness.COUNTERS:
            setattr(movie, name, 0)
        movie.p_histogram = [0] * N_BINS
    for review, label in _reread(scorer, movie_ids):
        found.n_reviews += 1
        found.n_labels += review.label != label
        freshness.count_in(movies[review.movie_id], review)
    for pk, movie in movies.items():
        freshness.refresh(movie)
        found.n_movies += 1
        if movie.verdict != before[pk]:
            found.changed.append((movie, before[pk], movie.verdict))


def _reread(scorer: Scorer, movie_ids: Sequence[int]) -> Iterator[tuple[MovieReview, str]]:
    """Each visible review as the scorer reads it, in memory, with the label that is stored."""
    reviews = list(MovieReview.objects.visible().filter(movie__in=movie_ids).order_by("pk"))
    predictions = predict_each(scorer, [review.text for review in reviews])
    for review, prediction in zip(reviews, predictions, strict=True):
        stored = review.label
        if prediction is not None:
            review.apply(prediction, None)
        yield review, stored


def sentences(scorer: Scorer) -> list[str]:
    """The preview in words, for a curator who is about to promote."""
    found = preview(scorer)
    films = ngettext(
        "%(n)d movie would get a different verdict.",
        "%(n)d movies would get a different verdict.",
        len(found.changed),
    ) % {"n": len(found.changed)}
    labels = ngettext(
        "%(n)d of %(all)d reviews would get a different label.",
        "%(n)d of %(all)d reviews would get different labels.",
        found.n_labels,
    ) % {"n": found.n_labels, "all": found.n_reviews}
    told = [films, labels]
    if found.is_sample:
        told.insert(
            0,
            _("Too many reviews to score now: this preview is based on a sample of %(n)d movies.")
            % {"n": found.n_movies},
        )
    for movie, was, becomes in found.changed[:N_EXAMPLES]:
        told.append(f"{movie}: {_verdict(was)} → {_verdict(becomes)}")
    told.append(_("Stored reviews keep their labels until you run rescore."))
    return told


def _verdict(value: str) -> str:
    return str(Movie(verdict=value).get_verdict_display())
