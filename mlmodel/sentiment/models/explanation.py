"""Why a review was read as it was: its words, with what each added to the decision."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlmodel.sentiment.features.text import NEGATED
from mlmodel.sentiment.models.prediction import Prediction

# Weight of a span (log-odds) from which it counts as a little, clearly, strongly, decisively.
STRENGTHS = (0.03, 0.12, 0.3, 0.6)

SENTENCE_ENDS = tuple(".!?")


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a text; ``weight`` is what it added to the decision, in log-odds."""

    text: str
    weight: float = 0.0

    @property
    def strength(self) -> int:
        """0 (neutral) to 4 (decisive)."""
        return sum(abs(self.weight) >= bound for bound in STRENGTHS)

    @property
    def side(self) -> str:
        if self.strength == 0:
            return ""
        return "positive" if self.weight > 0 else "negative"


@dataclass(frozen=True, slots=True)
class Contribution:
    ngram: str
    weight: float  # log-odds, over all its occurrences

    @property
    def phrase(self) -> str:
        """The n-gram as a person would say it: "not good", "(not) at all"."""
        plain = self.ngram.replace(NEGATED, "")
        return f"(not) {plain}" if self.ngram.startswith(NEGATED) else plain


@dataclass(frozen=True, slots=True)
class Explanation:
    prediction: Prediction
    spans: tuple[Span, ...]  # joined, they are the text
    contributions: tuple[Contribution, ...]  # strongest first; with the intercept, the decision
    decision: float
    intercept: float


def merge_spans(
    text: str,
    bounds: Sequence[tuple[int, int]],
    weights: NDArray[np.float64],
    links: NDArray[np.float64] | None = None,
) -> tuple[Span, ...]:
    """Cut a text into phrases that spoke for one side, and what is between them.

    Neighbouring tokens of one side are a phrase, up to the end of a sentence. So are tokens
    that an n-gram of that side binds together, though one of them alone is neutral: "waste of
    time", not "waste", "time".

    Parameters
    ----------
    text : str
    bounds : sequence of (start, end), length n
        Where each token stands.
    weights : float array, shape (n,)
        What each token added to the decision, in log-odds.
    links : float array, shape (n,), optional
        What the n-grams over each token and its next added.

    Returns
    -------
    tuple of Span
        Joined, their texts are ``text``.
    """
    if links is None:
        links = np.zeros(len(bounds))
    is_end = [text[start:end] in SENTENCE_ENDS for start, end in bounds]
    spans: list[Span] = []
    done = first = 0
    while first < len(bounds):
        last = _last_of_phrase(first, weights, links, is_end)
        weight = float(weights[first : last + 1].sum())
        if _side(weights[first]) and _side(weight):
            start, end = bounds[first][0], bounds[last][1]
            if start > done:
                spans.append(Span(text[done:start]))
            spans.append(Span(text[start:end], weight))
            done = end
        first = last + 1
    if done < len(text):
        spans.append(Span(text[done:]))
    return tuple(spans)


def _last_of_phrase(
    first: int,
    weights: NDArray[np.float64],
    links: NDArray[np.float64],
    is_end: Sequence[bool],
) -> int:
    side = _side(weights[first])
    last = first
    while side and last + 1 < len(weights) and not is_end[last]:
        following = _side(weights[last + 1])
        is_bound = following == 0 and _side(links[last]) == side
        if following != side and not is_bound:
            break
        last += 1
    return last


def _side(weight: float) -> int:
    return 0 if abs(weight) < STRENGTHS[0] else (1 if weight > 0 else -1)
