"""What a model's training reviews looked like: the baseline for measuring drift."""

import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mlmodel.sentiment.data.corpus import Corpus
from mlmodel.sentiment.data.sentences import Examples
from mlmodel.sentiment.features.text import MARKS, NEGATED, NEGATORS, STOPPERS, words
from mlmodel.sentiment.io.model_folder import find_data
from mlmodel.sentiment.monitoring.profile import N_LENGTHS, SHAPES, Profile

FILE = "reference.json"
MIN_TEXTS = 30  # a length with fewer texts uses the nearest length that has more


@dataclass(frozen=True, slots=True)
class Expected:
    """What reviews of certain lengths look like without drift.

    Parameters
    ----------
    known : float array, shape (N_KNOWN,)
        Shares of reviews by vocabulary coverage.
    coverage : float
        Mean vocabulary coverage, 0.0-1.0.
    p : float array, shape (N_BINS,)
        Shares of readable reviews by probability.
    confidence : float
        Mean confidence, 0.5-1.0.
    """

    known: NDArray[np.float64]
    coverage: float
    p: NDArray[np.float64]
    confidence: float


@dataclass(frozen=True)
class Baseline:
    """The training reviews, as scored by models that were not trained on their movies.

    Attributes
    ----------
    reviews : Profile
        Of the whole reviews.
    examples : Profile
        Of the reviews and some of their sentences, so that short texts are included.
    share_positive : float
        Of the reviews, 0.0-1.0.
    """

    reviews: Profile
    examples: Profile
    share_positive: float

    @cached_property
    def mean_words(self) -> float:
        """Mean number of words in a review."""
        return float(self.reviews.words.sum() / max(self.reviews.n, 1))

    def at_lengths(self, lengths: NDArray[np.float64]) -> Expected:
        """Return what to expect of texts, given their numbers by length, shape (N_LENGTHS,)."""
        total = lengths.sum()
        weights = lengths / total if total else np.full(N_LENGTHS, 1 / N_LENGTHS)
        typical = self._typical
        n, n_readable = typical.lengths, typical.p.sum(axis=1)
        return Expected(
            known=weights @ (typical.known / n[:, None]),
            coverage=float(weights @ (typical.known_total / n)),
            p=weights @ (typical.p / n_readable[:, None]),
            confidence=float(weights @ (typical.confidence_total / n_readable)),
        )

    @cached_property
    def _typical(self) -> Profile:
        """The profile of every length: of reviews where there are enough, else of examples."""
        enough = [part.p.sum(axis=1) >= MIN_TEXTS for part in (self.reviews, self.examples)]
        filled = np.flatnonzero(enough[0] | enough[1])
        if not len(filled):
            filled = self.examples.p.sum(axis=1).argmax(keepdims=True)
        rows = [int(filled[np.abs(filled - length).argmin()]) for length in range(N_LENGTHS)]
        sources = [(self.reviews if enough[0][row] else self.examples, row) for row in rows]
        return Profile(
            *(np.array([getattr(part, name)[row] for part, row in sources]) for name in SHAPES)
        )

    def write(self, folder: Path) -> None:
        """Write the baseline into a model's folder; equal baselines give equal bytes."""
        payload = {
            "reviews": self.reviews.as_dict(),
            "examples": self.examples.as_dict(),
            "share_positive": round(self.share_positive, 4),
        }
        (folder / FILE).write_text(json.dumps(payload, sort_keys=True) + "\n", encoding="utf-8")


def load_baseline(folder: Path) -> Baseline | None:
    """Load a model's baseline.

    Parameters
    ----------
    folder : Path
        As for ``load_scorer``.

    Returns
    -------
    Baseline or None
        None if the model has none, or one in another format.

    Raises
    ------
    ModelUnavailable
        If there is no model in the folder.
    """
    try:
        payload = json.loads((find_data(folder) / FILE).read_text(encoding="utf-8"))
        return Baseline(
            Profile.from_dict(payload["reviews"]),
            Profile.from_dict(payload["examples"]),
            float(payload["share_positive"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def make_baseline(
    corpus: Corpus, examples: Examples, p_out_of_fold: NDArray[np.float64], vocabulary: set[str]
) -> Baseline:
    """Make the baseline of a training.

    Parameters
    ----------
    corpus : Corpus
        The training reviews.
    examples : Examples
        The same reviews, followed by some of their sentences.
    p_out_of_fold : float array, shape (len(examples.texts),)
        Calibrated probabilities by models that were trained on no review of the same movie.
    vocabulary : set of str
        The n-grams that are features of the model.

    Returns
    -------
    Baseline
    """
    shares = coverage_without_own_movie(corpus, examples, vocabulary)
    n = len(corpus)
    return Baseline(
        Profile.of(examples.n_words[:n], shares[:n], p_out_of_fold[:n].tolist()),
        Profile.of(examples.n_words, shares, p_out_of_fold.tolist()),
        float(corpus.labels.mean()),
    )


def vocabulary_words(vocabulary: set[str]) -> set[str]:
    """Return the words that a model with these n-grams knows."""
    single = {ngram.removeprefix(NEGATED) for ngram in vocabulary if " " not in ngram}
    return (single | {*NEGATORS, *STOPPERS}) - set(MARKS)


def coverage_without_own_movie(
    corpus: Corpus, examples: Examples, vocabulary: set[str]
) -> list[float]:
    """Return each text's vocabulary coverage, as if its movie's reviews were not training data.

    Nearly every word of a training review is known, because it was learned from that review.
    Here a word counts as known only if it occurs in other movies' reviews often enough: as often
    as the vocabulary's rarest word occurs in all reviews.

    Parameters
    ----------
    corpus, examples, vocabulary
        As in ``make_baseline``.

    Returns
    -------
    list of float, length len(examples.texts)
        0.0-1.0.
    """
    vocabulary = vocabulary_words(vocabulary)
    # A review of an unknown movie is a movie of its own.
    movies = [movie or f"#{i}" for i, movie in enumerate(corpus.movies)]
    in_all: Counter[str] = Counter()
    in_movie: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for text, movie in zip(corpus.texts, movies, strict=True):
        known = vocabulary.intersection(words(text))
        in_all.update(known)
        in_movie[movie].update(known)
    rarest = min((in_all[word] for word in vocabulary if in_all[word]), default=1)
    return [
        _coverage(words(text), in_all, in_movie[movies[source]], rarest)
        for text, source in zip(examples.texts, examples.sources.tolist(), strict=True)
    ]


def _coverage(tokens: Sequence[str], in_all: Counter, in_movie: Counter, rarest: int) -> float:
    if not tokens:
        return 0.0
    return sum(in_all[word] - in_movie[word] >= rarest for word in tokens) / len(tokens)
