"""Quotes for a movie's page: the most positive and the most negative sentence."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.text import Truncator

from mlmodel.sentiment.models.explanation import Span
from movies.models import Movie
from reviews.models import Label, MovieReview
from reviews.scoring import explain

SENTENCE = re.compile(r"[^.!?…\n]*(?:[.!?…\n]+[\"'’”)]*|$)")
MAX_CHARS = 3_000  # explaining that many takes about 2 ms
MAX_WORDS = 40


@dataclass(frozen=True, slots=True)
class Quote:
    review: MovieReview
    words: str


def most_confident_quotes(movie: Movie) -> list[Quote]:
    """Quote the most confident positive and negative review without spoilers."""
    quotes = []
    for label in (Label.POSITIVE, Label.NEGATIVE):
        reviews = movie.reviews.counted().filter(label=label, has_spoilers=False, certainty__gt=0)
        review = reviews.most_confident_first().select_related("author", "release").first()
        if review:
            quotes.append(Quote(review, quote(review)))
    return quotes


def quote(review: MovieReview) -> str:
    """Return the sentence with the most weight for the label; without a model, the first one."""
    sign = 1 if review.label == Label.POSITIVE else -1
    explanation = explain(review, max_chars=MAX_CHARS)
    text = review.text[:MAX_CHARS]
    sentences = _weigh_sentences(text, explanation.spans if explanation else ())
    best = max(sentences, key=lambda pair: sign * pair[1], default=(text, 0.0))[0]
    return Truncator(best.strip()).words(MAX_WORDS)


def _weigh_sentences(text: str, spans: tuple[Span, ...]) -> Iterator[tuple[str, float]]:
    """Yield each sentence with the total weight of the spans that begin in it."""
    begins, at = [], 0
    for span in spans:
        begins.append((at, span.weight))
        at += len(span.text)
    for match in SENTENCE.finditer(text):
        if match[0].strip():
            start, end = match.span()
            yield match[0], sum(weight for place, weight in begins if start <= place < end)
