"""The review that says it best on either side, and the sentence that weighed most in it."""

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.text import Truncator

from mlmodel.sentiment.models.explanation import Span
from mlmodel.serving.champion import get_scorer
from movies.models import Movie
from reviews.models import Label, MovieReview

logger = logging.getLogger(__name__)

SENTENCE = re.compile(r"[^.!?…\n]*(?:[.!?…\n]+[\"'’”)]*|$)")
MAX_CHARS = 3_000  # of a review that are explained: about 2 ms
MAX_WORDS = 40


@dataclass(frozen=True, slots=True)
class Quote:
    review: MovieReview
    words: str


def most_telling(movie: Movie) -> list[Quote]:
    """The review read most surely as positive, and as negative; nothing that gives a plot away."""
    found = []
    for label in (Label.POSITIVE, Label.NEGATIVE):
        reviews = movie.reviews.counted().filter(label=label, has_spoilers=False, certainty__gt=0)
        surest = reviews.most_confident_first().select_related("author", "release").first()
        if surest:
            found.append(Quote(surest, quote(surest)))
    return found


def quote(review: MovieReview) -> str:
    """The sentence that spoke most for the review's label, or its beginning without a model."""
    sign = 1 if review.label == Label.POSITIVE else -1
    text = review.text[:MAX_CHARS]
    spans: tuple[Span, ...] = ()
    try:
        spans = get_scorer().explain(text).spans
    except Exception:
        # Whatever the scorer stumbles over: a page without the reason is still a page.
        logger.warning("the scorer could not explain review %s", review.pk)
    weighed = _weigh(text, spans)
    best = max(weighed, key=lambda pair: sign * pair[1], default=(text, 0.0))[0]
    return Truncator(best.strip()).words(MAX_WORDS)


def _weigh(text: str, spans: tuple[Span, ...]) -> Iterator[tuple[str, float]]:
    """Each sentence with what the phrases that begin in it weighed."""
    begins, at = [], 0
    for span in spans:
        begins.append((at, span.weight))
        at += len(span.text)
    for match in SENTENCE.finditer(text):
        if match[0].strip():
            start, end = match.span()
            yield match[0], sum(weight for place, weight in begins if start <= place < end)
