"""From a decision value to a probability that means what it says."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log1p

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Calibration:
    """p = 1 / (1 + exp(-z)), where slope and offset of z change with the length of the text.

    z = (slope + slope_length * l) * decision + offset + offset_length * l, l = ln(1 + n_words).
    Source: J. Platt (1999), Advances in Large Margin Classifiers, 61-74. The length is ours:
    the same decision proves less in ten words than in three hundred.
    """

    slope: float = 1.0
    slope_length: float = 0.0
    offset: float = 0.0
    offset_length: float = 0.0

    def p_positive(self, decision: float, n_words: int) -> float:
        """The probability, 0.0-1.0, that a text of ``n_words`` words is positive."""
        length = log1p(n_words)
        z = (self.slope + self.slope_length * length) * decision
        z += self.offset + self.offset_length * length
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
        From models that have not seen the text they decide about, in log-odds.
    n_words : sequence of int, length n
    labels : bool array, shape (n,)
    weights : float array, shape (n,), optional
        How much each text counts.
    """
    from sklearn.linear_model import LogisticRegression

    length = np.log1p(np.asarray(n_words, dtype=float))
    features = np.column_stack([decisions, decisions * length, length])
    fitted = LogisticRegression(C=1e6, max_iter=1000, tol=1e-8).fit(
        features, labels, sample_weight=weights
    )
    slope, slope_length, offset_length = map(float, fitted.coef_[0])
    return Calibration(slope, slope_length, float(fitted.intercept_[0]), offset_length)
