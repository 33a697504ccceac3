"""What a scorer returns for one text."""

from dataclasses import dataclass
from typing import Literal

from mlmodel.sentiment.models.calibration import Calibration

VERY_SURE_FROM = 0.9  # the confidence from which a label is called very sure
POSITIVE_FROM = 0.5  # the calibrated probability from which a text is labelled positive
# Below this share of known words a text is in another language or noise. Measured on held-out
# movies: none of 4,803 reviews is below it, and 7 in 10,000 of their sentences.
READABLE_SHARE = 0.55

PredictedLabel = Literal["positive", "negative", "unreadable"]


@dataclass(frozen=True, slots=True)
class Prediction:
    """The label of one text, and how sure the model is of it.

    Parameters
    ----------
    p_positive : float
        Calibrated probability that the text is positive, 0.0-1.0.
    vocabulary_coverage : float
        Share of the text's words that the model has learned, 0.0-1.0.
    readable : bool
        Whether that share is at least ``READABLE_SHARE``.

    Examples
    --------
    >>> from mlmodel.sentiment import Prediction
    >>> prediction = Prediction(p_positive=0.13, vocabulary_coverage=1.0, readable=True)
    >>> prediction.label, prediction.confidence
    ('negative', 0.87)
    """

    p_positive: float
    vocabulary_coverage: float
    readable: bool

    @property
    def label(self) -> PredictedLabel:
        """The predicted label; "unreadable" where the text is noise or in another language."""
        if not self.readable:
            return "unreadable"
        return "positive" if self.p_positive >= POSITIVE_FROM else "negative"

    @property
    def confidence(self) -> float:
        """The probability of the likelier of the two labels, 0.5-1.0."""
        return max(self.p_positive, 1 - self.p_positive)


def make_prediction(
    decision: float, n_words: int, n_known: int, calibration: Calibration
) -> Prediction:
    """Turn a decision value into a prediction.

    Parameters
    ----------
    decision : float
        In log-odds, not calibrated.
    n_words, n_known : int
        Words in the text, and how many of them the model has learned.
    calibration : Calibration

    Returns
    -------
    Prediction
        A text without words is unreadable.
    """
    vocabulary_coverage = n_known / n_words if n_words else 0.0
    return Prediction(
        p_positive=calibration.p_positive(decision, n_words),
        vocabulary_coverage=vocabulary_coverage,
        readable=vocabulary_coverage >= READABLE_SHARE,
    )
