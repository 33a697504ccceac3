"""How a model's training reviews looked, in a file of the model: what drift is measured from."""

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
MIN_TEXTS = 30  # fewer texts of a length say little: the nearest length with more stands in


@dataclass(frozen=True, slots=True)
class Expected:
    """What reviews of certain lengths would look like if nothing had changed."""

    known: NDArray[np.float64]
    known_share: float
    p: NDArray[np.float64]
    confidence: float


@dataclass(frozen=True)
class Reference:
    """The training reviews as models saw them that had not learnt from their films.

    Attributes
    ----------
    reviews : Profile
        Of the whole reviews.
    examples : Profile
        Of the reviews and some of their sentences, so that there are short texts as well.
    share_positive : float
        Of the reviews, 0.0-1.0.
    """

    reviews: Profile
    examples: Profile
    share_positive: float

    @cached_property
    def mean_words(self) -> float:
        return float(self.reviews.words.sum() / max(self.reviews.n, 1))

    def at_lengths(self, lengths: NDArray[np.float64]) -> Expected:
        """What is to be expected of texts with these numbers by length, shape (N_LENGTHS,)."""
        total = lengths.sum()
        weights = lengths / total if total else np.full(N_LENGTHS, 1 / N_LENGTHS)
        typical = self._typical
        n, n_readable = typical.lengths, typical.p.sum(axis=1)
        return Expected(
            known=weights @ (typical.known / n[:, None]),
            known_share=float(weights @ (typical.known_total / n)),
            p=weights @ (typical.p / n_readable[:, None]),
            confidence=float(weights @ (typical.confidence_total / n_readable)),
        )

    @cached_property
    def _typical(self) -> Profile:
        """Texts of every length: reviews where there are enough of them, else sentences as well."""
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
        """Into a model's folder; the same reference gives the same bytes."""
        told = {
            "reviews": self.reviews.as_dict(),
            "examples": self.examples.as_dict(),
            "share_positive": round(self.share_positive, 4),
        }
        (folder / FILE).write_text(json.dumps(told, sort_keys=True) + "\n", encoding="utf-8")


def read_reference(folder: Path) -> Reference | None:
    """A model's reference; None if it brings none, or one of another kind.

    Raises
    ------
    ModelUnavailable
        If there is no model in the folder.
    """
    try:
        told = json.loads((find_data(folder) / FILE).read_text(encoding="utf-8"))
        return Reference(
            Profile.from_dict(told["reviews"]),
            Profile.from_dict(told["examples"]),
            float(told["share_positive"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def make_reference(
    corpus: Corpus, examples: Examples, p_out_of_fold: NDArray[np.float64], vocabulary: set[str]
) -> Reference:
    """The reference of a training.

    Parameters
    ----------
    corpus : Corpus
    examples : Examples
        Its reviews, and sentences of theirs.
    p_out_of_fold : float array, shape (len(examples.texts),)
        Calibrated probabilities by models that saw no review of the same film.
    vocabulary : set of str
        The n-grams that the model has features for.
    """
    shares = known_out_of_film(corpus, examples, vocabulary)
    n = len(corpus)
    return Reference(
        Profile.of(examples.n_words[:n], shares[:n], p_out_of_fold[:n].tolist()),
        Profile.of(examples.n_words, shares, p_out_of_fold.tolist()),
        float(corpus.labels.mean()),
    )


def known_words(vocabulary: set[str]) -> set[str]:
    """The words that a model with these n-grams knows."""
    single = {ngram.removeprefix(NEGATED) for ngram in vocabulary if " " not in ngram}
    return (single | {*NEGATORS, *STOPPERS}) - set(MARKS)


def known_out_of_film(corpus: Corpus, examples: Examples, vocabulary: set[str]) -> list[float]:
    """Of each text's words the share that the model would know without the text's film.

    Every word of a training review is nearly always known, having been learnt from that very
    review. So a word counts as known if reviews of other films have it often enough: as often
    as all reviews have the rarest word of the vocabulary.
    """
    known = known_words(vocabulary)
    films = [film or f"#{i}" for i, film in enumerate(corpus.films)]
    in_all: Counter[str] = Counter()
    in_film: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for text, film in zip(corpus.texts, films, strict=True):
        found = known.intersection(words(text))
        in_all.update(found)
        in_film[film].update(found)
    rarest = min((in_all[word] for word in known if in_all[word]), default=1)
    return [
        _share(words(text), in_all, in_film[films[source]], rarest)
        for text, source in zip(examples.texts, examples.sources.tolist(), strict=True)
    ]


def _share(found: Sequence[str], in_all: Counter, in_film: Counter, rarest: int) -> float:
    if not found:
        return 0.0
    return sum(in_all[word] - in_film[word] >= rarest for word in found) / len(found)
