"""What a scorer returns for one text."""

from dataclasses import dataclass
from typing import Literal

from mlmodel.sentiment.models.calibration import Calibration
from mlmodel.sentiment.models.readability import READABLE, Readability, UnreadableReason

VERY_SURE_FROM = 0.9  # the confidence from which a label is called very sure
POSITIVE_FROM = 0.5  # the calibrated probability from which a text is labelled positive

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
    reason : {"another_language", "too_short", "unknown_words"}, optional
        Why the text is unreadable; None if it is readable.
    language : str, optional
        ISO 639 code of the text's language, such as "de", if that is the reason.

    Examples
    --------
    >>> from mlmodel.sentiment import Prediction
    >>> prediction = Prediction(p_positive=0.13, vocabulary_coverage=1.0)
    >>> prediction.label, prediction.confidence
    ('negative', 0.87)
    >>> Prediction(p_positive=0.5, vocabulary_coverage=0.9, reason="too_short").label
    'unreadable'
    """

    p_positive: float
    vocabulary_coverage: float
    reason: UnreadableReason | None = None
    language: str = ""

    @property
    def readable(self) -> bool:
        """Whether the text is English and says enough for a label."""
        return self.reason is None

    @property
    def label(self) -> PredictedLabel:
        """The predicted label; "unreadable" where ``reason`` says why there is none."""
        if self.reason:
            return "unreadable"
        return "positive" if self.p_positive >= POSITIVE_FROM else "negative"

    @property
    def confidence(self) -> float:
        """The probability of the likelier of the two labels, 0.5-1.0."""
        return max(self.p_positive, 1 - self.p_positive)


def make_prediction(
    decision: float,
    n_words: int,
    n_known: int,
    calibration: Calibration,
    readability: Readability = READABLE,
) -> Prediction:
    """Turn a decision value into a prediction.

    Parameters
    ----------
    decision : float
        In log-odds, not calibrated.
    n_words, n_known : int
        Words in the text, and how many of them the model has learned.
    calibration : Calibration
    readability : Readability, optional

    Returns
    -------
    Prediction
    """
    return Prediction(
        p_positive=calibration.p_positive(decision, n_words),
        vocabulary_coverage=n_known / n_words if n_words else 0.0,
        reason=readability.reason,
        language=readability.language,
    )
