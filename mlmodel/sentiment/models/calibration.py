"""Calibration: turn a decision value into a probability."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log1p

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Calibration:
    """Platt scaling whose slope and offset depend on the length of the text.

    Parameters
    ----------
    slope, slope_length, offset, offset_length : float
        p = 1 / (1 + exp(-z)), where
        z = (slope + slope_length * l) * decision + offset + offset_length * l
        and l = ln(1 + n_words). The default makes p the logistic function of the decision.

    Notes
    -----
    Source: J. Platt (1999), Advances in Large Margin Classifiers, 61-74. The length is our
    addition: the same decision value is weaker evidence in ten words than in three hundred.
    """

    slope: float = 1.0
    slope_length: float = 0.0
    offset: float = 0.0
    offset_length: float = 0.0

    def log_odds(self, decision: float, n_words: int) -> float:
        """Return the calibrated log-odds, z in the formula above.

        Parameters
        ----------
        decision : float
            In log-odds.
        n_words : int
        """
        length = log1p(n_words)
        z = (self.slope + self.slope_length * length) * decision
        return z + (self.offset + self.offset_length * length)

    def p_positive(self, decision: float, n_words: int) -> float:
        """Return the probability that a text is positive.

        Parameters
        ----------
        decision : float
            In log-odds.
        n_words : int

        Returns
        -------
        float
            0.0-1.0.
        """
        z = self.log_odds(decision, n_words)
        if z >= 0:
            return 1.0 / (1.0 + exp(-z))
        e = exp(z)
        return e / (1.0 + e)


def calibrate(
    decisions: NDArray[np.float64],
    n_words: Sequence[int],
    labels: NDArray[np.bool_],
    *,
    weights: NDArray[np.float64] | None = None,
) -> Calibration:
    """Fit a calibration to out-of-fold decisions.

    Parameters
    ----------
    decisions : float array, shape (n,)
        In log-odds, by models that were not trained on the text.
    n_words : sequence of int, length n
    labels : bool array, shape (n,)
        True for a positive text.
    weights : float array, shape (n,), optional
        Weight of each text.

    Returns
    -------
    Calibration
    """
    # Start-up cost: scoring uses this module and does without scikit-learn.
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415

    length = np.log1p(np.asarray(n_words, dtype=float))
    features = np.column_stack([decisions, decisions * length, length])
    fitted = LogisticRegression(C=1e6, max_iter=1000, tol=1e-8).fit(
        features, labels, sample_weight=weights
    )
    slope, slope_length, offset_length = map(float, fitted.coef_[0])
    return Calibration(slope, slope_length, float(fitted.intercept_[0]), offset_length)
