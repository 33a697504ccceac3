"""Drift: whether reviews still look like those a model was trained on, and what to do if not."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mlmodel.sentiment.models.quantification import N_BINS, Share, estimate_share
from mlmodel.sentiment.monitoring.baseline import Baseline
from mlmodel.sentiment.monitoring.profile import Profile

# Source: N. Siddiqi (2006), Credit Risk Scorecards: from 0.25 two populations differ clearly.
PSI_MOVED = 0.25
# The index is above 0 by chance alone. Source: B. Yurdakul (2018), Statistical Properties of
# Population Stability Index: times n, it follows a chi-squared distribution with one degree of
# freedom fewer than classes; with ten classes that is 0.05 on average for 200 reviews. With
# fewer reviews and nearly empty classes it sometimes exceeds 0.25 by chance.
MIN_REVIEWS = 200
# Smaller changes of the mean coverage or confidence do not matter, though the index may react:
# in a text of 25 words coverage is a multiple of 4 %.
MEAN_MARGIN = 0.02
# Freshness is correct for any share of positives, so only a clear change is reported.
SHARE_MARGIN = 0.05
# Unreadable reviews are not counted, so their share is checked in addition to confidence.
UNREADABLE_MARGIN = 0.05

State = Literal["steady", "moved", "too few"]
Distribution = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Signal:
    """One figure of the current reviews, and its expected value.

    Parameters
    ----------
    state : {"steady", "moved", "too few"}
    now : float or None
        Mean number of words, mean vocabulary coverage, mean confidence or share of positives;
        None without reviews.
    expected : float
        The same figure in training.
    psi : float, optional
        The population stability index.
    share : Share, optional
        The share of positives with its interval.
    unreadable : float, optional
        The share of unreadable reviews; with the vocabulary only.
    """

    state: State
    now: float | None
    expected: float
    psi: float | None = None
    share: Share | None = None
    unreadable: float = 0.0

    @property
    def has_moved(self) -> bool:
        """Whether the figure differs clearly from training."""
        return self.state == "moved"

    @property
    def has_fallen(self) -> bool:
        """Whether the figure is clearly below that of training."""
        return self.has_moved and self.now is not None and self.now < self.expected


def gettext_noop(message: str) -> str:
    """Mark a message for translation, which the site does when it shows it."""
    return message


@dataclass(frozen=True, slots=True)
class DriftStatus:
    """What the signals mean together, and whether training on new reviews would help."""

    kind: str
    message: str
    retrain: Literal["yes", "no", "perhaps"]


STATUSES = {
    status.kind: status
    for status in (
        DriftStatus(
            "no baseline",
            gettext_noop(
                "This model has no baseline, because it was trained before baselines were "
                "recorded. The next training records one."
            ),
            "perhaps",
        ),
        DriftStatus(
            "too few",
            gettext_noop(
                "There are too few reviews to distinguish drift from chance; 200 are needed."
            ),
            "no",
        ),
        DriftStatus(
            "steady", gettext_noop("The reviews look like those the model was trained on."), "no"
        ),
        DriftStatus(
            "vocabulary shift",
            gettext_noop(
                "Vocabulary shift: the reviews use words that the model does not know, and its "
                "confidence is lower than expected, or many are unreadable. Retraining would help: "
                "label some of these reviews and build a dataset with them."
            ),
            "yes",
        ),
        DriftStatus(
            "new words",
            gettext_noop(
                "The reviews use more words that the model does not know, but its confidence is as "
                "expected. Retraining is not urgent; look again in some weeks."
            ),
            "perhaps",
        ),
        DriftStatus(
            "less sure",
            gettext_noop(
                "The model knows the words but is less confident than expected: the reviews phrase "
                "things differently from those it was trained on. Label some of the least "
                "confident reviews by hand; if many labels turn out wrong, "
                "retraining with them would help."
            ),
            "perhaps",
        ),
        DriftStatus(
            "label shift",
            gettext_noop(
                "Label shift: the share of positive reviews has changed, in words that the model "
                "knows. Freshness takes that into account. Retraining would not help."
            ),
            "no",
        ),
        DriftStatus(
            "shorter",
            gettext_noop(
                "The reviews are shorter than the training reviews; for their length, vocabulary "
                "and confidence are as expected. Retraining would hardly help."
            ),
            "no",
        ),
        DriftStatus(
            "longer",
            gettext_noop(
                "The reviews are longer than the training reviews; for their length, vocabulary "
                "and confidence are as expected. Retraining would hardly help."
            ),
            "no",
        ),
        DriftStatus(
            "surer",
            gettext_noop(
                "The model is more confident than expected, or knows more of the words. "
                "Retraining would not improve it."
            ),
            "no",
        ),
    )
}


def psi(now: Distribution, expected: Distribution) -> float:
    """Return the population stability index of counts against a distribution.

    Parameters
    ----------
    now : array, shape (k,)
        Numbers of reviews.
    expected : array, shape (k,)
        Numbers or shares. A class that is empty on either side counts as nearly empty.

    Returns
    -------
    float
        0 if the distributions agree.
    """
    observed = (now + 0.5) / (now.sum() + 0.5 * len(now))
    shares = np.maximum(expected / expected.sum(), 1e-3)
    shares /= shares.sum()
    return float(np.sum((observed - shares) * np.log(observed / shares)))


def confidences(p_histogram: Distribution) -> Distribution:
    """Fold a histogram of probabilities into one of confidences, lowest first.

    It does not depend on the share of positives, only on how clear the texts are.
    """
    half = N_BINS // 2
    return p_histogram[..., half:] + p_histogram[..., :half][..., ::-1]


def compare(now: Profile, baseline: Baseline) -> dict[str, Signal]:
    """Compare current reviews with the training reviews.

    Parameters
    ----------
    now : Profile
    baseline : Baseline

    Returns
    -------
    dict of Signal
        "length", "vocabulary", "confidence" and "positives". Vocabulary and confidence are
        compared with training texts of the same lengths, reviews and sentences: short reviews
        are less clear, and that alone is no drift.
    """
    expected = baseline.at_lengths(now.lengths)
    return {
        "length": _signal(
            now.n, now.words.sum(), now.lengths, baseline.mean_words, baseline.reviews.lengths
        ),
        "vocabulary": replace(
            _signal(
                now.n,
                now.known_total.sum(),
                now.known.sum(axis=0),
                expected.coverage,
                expected.known,
                margin=MEAN_MARGIN,
            ),
            unreadable=1 - now.n_readable / now.n if now.n else 0.0,
        ),
        "confidence": _signal(
            now.n_readable,
            now.confidence_total.sum(),
            confidences(now.p.sum(axis=0)),
            expected.confidence,
            confidences(expected.p),
            margin=MEAN_MARGIN,
        ),
        "positives": _positives(now, baseline.share_positive),
    }


def _signal(
    n: int,
    total: float,
    counts: Distribution,
    expected: float,
    expected_counts: Distribution,
    *,
    margin: float = 0.0,
) -> Signal:
    if not n:
        return Signal("too few", None, expected)
    mean, index = float(total) / n, psi(counts, expected_counts)
    state: State = "too few"
    if n >= MIN_REVIEWS:
        has_moved = index >= PSI_MOVED and abs(mean - expected) >= margin
        state = "moved" if has_moved else "steady"
    return Signal(state, mean, expected, index)


def _positives(now: Profile, expected: float) -> Signal:
    share = estimate_share(now.p.sum(axis=0).astype(int).tolist())
    if share is None:
        return Signal("too few", None, expected)
    state: State = "too few"
    if now.n_readable >= MIN_REVIEWS:
        outside = share.low > expected + SHARE_MARGIN or share.high < expected - SHARE_MARGIN
        state = "moved" if outside else "steady"
    return Signal(state, share.estimate, expected, share=share)


def diagnose(signals: Mapping[str, Signal] | None) -> DriftStatus:
    """Return what the signals mean together.

    Parameters
    ----------
    signals : mapping of Signal, or None
        As from ``compare``; None for a model without a baseline.

    Returns
    -------
    DriftStatus
    """
    if signals is None:
        return STATUSES["no baseline"]
    if all(signal.state == "too few" for signal in signals.values()):
        return STATUSES["too few"]
    vocabulary, confidence = signals["vocabulary"], signals["confidence"]
    is_unreadable = vocabulary.unreadable >= UNREADABLE_MARGIN
    if vocabulary.has_fallen and (confidence.has_fallen or is_unreadable):
        return STATUSES["vocabulary shift"]
    if vocabulary.has_fallen:
        return STATUSES["new words"]
    if confidence.has_fallen:
        return STATUSES["less sure"]
    if signals["positives"].has_moved:
        return STATUSES["label shift"]
    if vocabulary.has_moved or confidence.has_moved:
        return STATUSES["surer"]
    if signals["length"].has_moved:
        return STATUSES["shorter" if signals["length"].has_fallen else "longer"]
    return STATUSES["steady"]
