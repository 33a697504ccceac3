"""Explanations: the words of a text, with what each contributed to the decision."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlmodel.sentiment.features.text import NEGATED
from mlmodel.sentiment.models.prediction import Prediction

# Lower bounds of a span's weight, in log-odds, for strengths 1 to 4.
STRENGTHS = (0.03, 0.12, 0.3, 0.6)

SENTENCE_ENDS = tuple(".!?")


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a text.

    Parameters
    ----------
    text : str
    weight : float
        What the piece contributed to the decision, in log-odds; 0 between phrases.
    """

    text: str
    weight: float = 0.0

    @property
    def strength(self) -> int:
        """How much the piece matters, from 0 (neutral) to 4 (decisive)."""
        return sum(abs(self.weight) >= bound for bound in STRENGTHS)

    @property
    def side(self) -> str:
        """The label that the piece speaks for; "" if it is neutral."""
        if self.strength == 0:
            return ""
        return "positive" if self.weight > 0 else "negative"


@dataclass(frozen=True, slots=True)
class Contribution:
    """An n-gram, and what it contributed to the decision.

    Parameters
    ----------
    ngram : str
        Tokens joined by a space; negated words begin with ``NEGATED``.
    weight : float
        In log-odds, over all occurrences.
    """

    ngram: str
    weight: float

    @property
    def phrase(self) -> str:
        """The n-gram without marks of negation: "not good", "(not) at all"."""
        plain = self.ngram.replace(NEGATED, "")
        return f"(not) {plain}" if self.ngram.startswith(NEGATED) else plain


@dataclass(frozen=True, slots=True)
class Explanation:
    """A prediction, and what contributed to it.

    Parameters
    ----------
    prediction : Prediction
    spans : tuple of Span
        Joined, their texts are the text.
    contributions : tuple of Contribution
        The strongest first. Of a linear model they add up to ``decision - intercept``.
    decision, intercept : float
        In log-odds, not calibrated.
    """

    prediction: Prediction
    spans: tuple[Span, ...]
    contributions: tuple[Contribution, ...]
    decision: float
    intercept: float


def merge_spans(
    text: str,
    bounds: Sequence[tuple[int, int]],
    weights: NDArray[np.float64],
    links: NDArray[np.float64] | None = None,
) -> tuple[Span, ...]:
    """Divide a text into phrases that speak for one side, and the text between them.

    Neighbouring tokens of one side form a phrase, up to the end of a sentence. So do tokens
    that an n-gram of that side links, even if one of them is neutral alone: "waste of time",
    not "waste", "time".

    Parameters
    ----------
    text : str
    bounds : sequence of (start, end), length n
        The position of each token.
    weights : float array, shape (n,)
        What each token contributed to the decision, in log-odds.
    links : float array, shape (n,), optional
        What the n-grams that span each token and the next one contributed, in log-odds.

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
