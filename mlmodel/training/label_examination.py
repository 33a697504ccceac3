"""Examine a dataset's labels with the model that serves, before a training and in the gate."""

from collections.abc import Callable
from pathlib import Path

from mlmodel.lifecycle.model_store import model_store
from mlmodel.lifecycle.opponent import serving_release
from mlmodel.models import Release
from mlmodel.sentiment.data.corpus import SPLIT_SEED, Corpus, check, grouped_split, read_corpus
from mlmodel.sentiment.errors import SentimentError
from mlmodel.sentiment.evaluation.cached_predictions import load_predictions
from mlmodel.sentiment.evaluation.criteria import PROFILES, Profile
from mlmodel.sentiment.evaluation.label_examination import (
    Examination,
    contradictions_table,
    examine,
)
from mlmodel.sentiment.io.loader import load_scorer


class LabelsRefused(SentimentError):
    """The labels of a dataset are not fit to train a model that may serve."""

    def __init__(self, examination: Examination) -> None:
        reasons = "; ".join(f"{line.name}: {line.why}" for line in examination.refusals)
        super().__init__(f"the labels are refused ({reasons})")
        self.examination = examination


def examine_dataset(dataset: Path, *, profile: str = "release") -> Examination:
    """Examine the labels of a file with the model that serves.

    Raises
    ------
    CorpusError
        If the file cannot be read, or no model can be trained on it.
    """
    corpus = read_corpus(dataset)
    check(corpus)
    return examine_corpus(corpus, PROFILES[profile], serving_release())


def examine_corpus(
    corpus: Corpus,
    profile: Profile,
    serving: Release | None,
    *,
    progress: Callable[[str], None] = lambda _: None,
) -> Examination:
    progress(f"examining the labels of {len(corpus)} reviews")
    seen, _ = grouped_split(corpus, seed=SPLIT_SEED)
    if serving is None:
        return examine(corpus, profile, scorer=None, trained_on=seen)
    folder = model_store().find(serving.checksum)
    return examine(
        corpus,
        profile,
        scorer=load_scorer(folder, checksum=serving.checksum),
        trained_on=seen,
        held_out_before=load_predictions(folder).keys(),
    )


def require_good_labels(
    corpus: Corpus, *, profile: str, progress: Callable[[str], None] = lambda _: None
) -> None:
    """Raise ``LabelsRefused`` if a model that may serve must not be trained on the corpus."""
    examination = examine_corpus(corpus, PROFILES[profile], serving_release(), progress=progress)
    if examination.refusals:
        raise LabelsRefused(examination)


def describe(examination: Examination) -> str:
    """Return the most contradictory rows as lines of text, under a heading; "" without any."""
    if not examination.contradictions:
        return ""
    rows = contradictions_table(examination.contradictions)
    return f"The rows that contradict the serving model most:\n{rows}"
