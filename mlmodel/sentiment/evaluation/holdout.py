"""What a model has to show before it serves: what it says, and how long that takes."""

import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlmodel.sentiment.data.corpus import Corpus
from mlmodel.sentiment.data.sentences import Examples, with_sentences
from mlmodel.sentiment.evaluation import behaviour
from mlmodel.sentiment.evaluation.behaviour import GroupResult
from mlmodel.sentiment.evaluation.cached_predictions import Said, look_up
from mlmodel.sentiment.evaluation.metrics import read_all
from mlmodel.sentiment.models.scorer import Scorer

USUAL_WORDS = 230  # the mean length of the corpus's reviews
N_TIMED = 21


@dataclass(frozen=True)
class Exam:
    """Held-out reviews, and the first, the last and a random sentence of each."""

    reviews: Corpus

    @cached_property
    def sentences(self) -> Examples:
        n = len(self.reviews)
        examples = with_sentences(self.reviews.texts, weight=1.0, seed=0)
        return Examples(examples.texts[n:], examples.sources[n:], examples.weights[n:])

    @cached_property
    def texts(self) -> list[str]:
        return [*self.reviews.texts, *self.sentences.texts]

    @cached_property
    def labels(self) -> NDArray[np.bool_]:
        """A sentence has its review's label: shape (len(texts),)."""
        return np.concatenate([self.reviews.labels, self.reviews.labels[self.sentences.sources]])


@dataclass(frozen=True)
class Answers:
    """What a model said in an exam of n texts.

    Attributes
    ----------
    p_positive, readable : arrays, shape (n,)
        NaN where the model may not be asked and nothing was kept.
    latency_ms : float
        Processor time for a review of the usual length.
    recorded : mapping
        The figures that its training measured, for where it may not be asked.
    """

    p_positive: NDArray[np.float64]
    readable: NDArray[np.bool_]
    behaviour: list[GroupResult]
    latency_ms: float
    recorded: Mapping[str, Any] = field(default_factory=dict)

    @property
    def known(self) -> NDArray[np.bool_]:
        return ~np.isnan(self.p_positive)


def answer(
    scorer: Scorer,
    exam: Exam,
    *,
    said: Said | None = None,
    recorded: Mapping[str, Any] | None = None,
) -> Answers:
    """Have a model take the exam.

    Parameters
    ----------
    said : mapping, optional
        For a model that has seen the held-out reviews: what it said of them before.
    recorded : mapping, optional
        The figures that its training measured.
    """
    p_positive, readable = (
        read_all(scorer, exam.texts) if said is None else look_up(said, exam.texts)
    )
    return Answers(
        p_positive,
        readable,
        behaviour.run(scorer, behaviour.load_cases()),
        latency_ms(scorer, exam.reviews.texts),
        recorded or {},
    )


def latency_ms(scorer: Scorer, texts: Sequence[str]) -> float:
    """Median processor time of reading one review of ``USUAL_WORDS`` words.

    Not by the clock: what else this machine does at the moment is not the model's fault.
    """
    words = " ".join(texts).split()
    pieces = [words[i : i + USUAL_WORDS] for i in range(0, len(words), USUAL_WORDS)][:N_TIMED]
    spent = []
    for piece in pieces:
        text = " ".join(piece)
        started = time.process_time()
        scorer.predict(text)
        spent.append(time.process_time() - started)
    return 1000 * statistics.median(spent)
