"""Whether today's reviews still look like those a model was trained on, and what to do if not."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mlmodel.sentiment.models.quantification import N_BINS, Share, estimate_share
from mlmodel.sentiment.monitoring.baseline import Reference
from mlmodel.sentiment.monitoring.profile import Profile

# Source: N. Siddiqi (2006), Credit Risk Scorecards: from 0.25 two populations differ clearly.
PSI_MOVED = 0.25
# Chance alone lifts the index as well. Source: B. Yurdakul (2018), Statistical Properties of
# Population Stability Index: times n, it follows a chi-squared distribution of one degree fewer
# than there are classes, with ten classes 0.05 on average for 200 reviews. Below that number
# and with nearly empty classes it passes 0.25 by itself now and then.
MIN_REVIEWS = 200
# A mean share of known words or a mean confidence that moved less is nobody's concern: the index
# also sees that a share of 25 words is a multiple of 4 %.
MEAN_MARGIN = 0.02
# Freshness corrects for any share of positives; a share is told to have moved from here on.
SHARE_MARGIN = 0.05
# Reviews that cannot be read count for nothing, so that confidence says nothing of them either.
UNREADABLE_MARGIN = 0.05

State = Literal["steady", "moved", "too few"]
Distribution = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Signal:
    """One figure of the reviews now, beside what the training lets expect of it."""

    state: State
    now: float | None  # mean words, mean share of known words, mean confidence; share of positives
    expected: float
    psi: float | None = None
    share: Share | None = None  # of positives: the estimate with its interval
    unreadable: float = 0.0  # of vocabulary: the share of reviews that cannot be read

    @property
    def moved(self) -> bool:
        return self.state == "moved"

    @property
    def fell(self) -> bool:
        return self.moved and self.now is not None and self.now < self.expected


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the signals say together; ``retrain`` is whether training on new reviews would help."""

    kind: str
    says: str
    retrain: Literal["yes", "no", "perhaps"]


VERDICTS = {
    verdict.kind: verdict
    for verdict in (
        Verdict(
            "no reference",
            "This model brings no reference: it was trained before trainings wrote one down. "
            "The next training brings it.",
            "perhaps",
        ),
        Verdict(
            "too few",
            f"There are too few reviews to tell: it takes {MIN_REVIEWS}, or chance looks like "
            "a drift.",
            "no",
        ),
        Verdict("steady", "The reviews look like those the model was trained on.", "no"),
        Verdict(
            "vocabulary shift",
            "Vocabulary shift: the reviews use words that the model does not know, and it is less "
            "sure of them than it should be, or cannot read them at all. Retraining would help: "
            "label some of these reviews and build a dataset with them.",
            "yes",
        ),
        Verdict(
            "new words",
            "The reviews use more words that the model does not know, but it is as sure as before. "
            "Retraining is not urgent; look again in some weeks.",
            "perhaps",
        ),
        Verdict(
            "less sure",
            "The words are known, and yet the model is less sure than it should be: people put "
            "things another way than the reviews it was trained on. Settle some of the least sure "
            "reviews; if many labels turn out wrong, retraining with them would help.",
            "perhaps",
        ),
        Verdict(
            "label shift",
            "Label shift: another share of the reviews is positive, in words that the model knows. "
            "The freshness of a movie takes that into account. Retraining would not help.",
            "no",
        ),
        *(
            Verdict(
                kind,
                f"The reviews are {kind} than those of the training, and for their length the "
                "model knows their words and is as sure as it should be. Retraining would hardly "
                "help.",
                "no",
            )
            for kind in ("shorter", "longer")
        ),
        Verdict(
            "surer",
            "The model is surer of these reviews, or knows more of their words, than it was in "
            "training. There is nothing to mend by retraining.",
            "no",
        ),
    )
}


def psi(now: Distribution, expected: Distribution) -> float:
    """The population stability index of counts against a distribution; 0 if they agree.

    Parameters
    ----------
    now : array, shape (k,)
        Numbers of reviews.
    expected : array, shape (k,)
        Numbers or shares. A class that is empty on either side counts as nearly empty.
    """
    observed = (now + 0.5) / (now.sum() + 0.5 * len(now))
    wanted = np.maximum(expected / expected.sum(), 1e-3)
    wanted /= wanted.sum()
    return float(np.sum((observed - wanted) * np.log(observed / wanted)))


def confidences(p_histogram: Distribution) -> Distribution:
    """How many reviews there are by confidence, least first: the histogram of p, folded.

    Another share of positives leaves it as it is; texts that are harder to read do not.
    """
    half = N_BINS // 2
    return p_histogram[..., half:] + p_histogram[..., :half][..., ::-1]


def compare(now: Profile, reference: Reference) -> dict[str, Signal]:
    """The signals "length", "vocabulary", "confidence" and "positives".

    Vocabulary and confidence are compared with training texts of the same lengths, reviews
    and sentences: a short review is surer to be unclear, and that alone is no drift.
    """
    expected = reference.at_lengths(now.lengths)
    return {
        "length": _signal(
            now.n, now.words.sum(), now.lengths, reference.mean_words, reference.reviews.lengths
        ),
        "vocabulary": replace(
            _signal(
                now.n,
                now.known_total.sum(),
                now.known.sum(axis=0),
                expected.known_share,
                expected.known,
                margin=MEAN_MARGIN,
            ),
            unreadable=float(now.known[:, 0].sum() / max(now.n, 1)),
        ),
        "confidence": _signal(
            now.n_readable,
            now.confidence_total.sum(),
            confidences(now.p.sum(axis=0)),
            expected.confidence,
            confidences(expected.p),
            margin=MEAN_MARGIN,
        ),
        "positives": _positives(now, reference.share_positive),
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


def judge(signals: Mapping[str, Signal] | None) -> Verdict:
    """What the signals mean together; None stands for a model without a reference."""
    if signals is None:
        return VERDICTS["no reference"]
    if all(signal.state == "too few" for signal in signals.values()):
        return VERDICTS["too few"]
    vocabulary, confidence = signals["vocabulary"], signals["confidence"]
    cannot_read = vocabulary.unreadable >= UNREADABLE_MARGIN
    if vocabulary.fell and (confidence.fell or cannot_read):
        return VERDICTS["vocabulary shift"]
    if vocabulary.fell:
        return VERDICTS["new words"]
    if confidence.fell:
        return VERDICTS["less sure"]
    if signals["positives"].moved:
        return VERDICTS["label shift"]
    if vocabulary.moved or confidence.moved:
        return VERDICTS["surer"]
    if signals["length"].moved:
        return VERDICTS["shorter" if signals["length"].fell else "longer"]
    return VERDICTS["steady"]
