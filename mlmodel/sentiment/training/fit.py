"""Fit an algorithm, calibrate it on decisions about unseen films, write it to disk."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.pipeline import Pipeline

from mlmodel.sentiment.data.corpus import Corpus
from mlmodel.sentiment.data.sentences import Examples, with_sentences
from mlmodel.sentiment.errors import CorpusError, ParameterError
from mlmodel.sentiment.features.compile import compile_pipeline, is_linear
from mlmodel.sentiment.io import model_folder, pipeline_file
from mlmodel.sentiment.models.algorithms import get_algorithm
from mlmodel.sentiment.models.calibration import Calibration, calibrate
from mlmodel.sentiment.models.scorer import CompiledScorer, PipelineScorer
from mlmodel.sentiment.monitoring.baseline import Baseline, make_baseline

N_FOLDS = 5
SENTENCE_WEIGHT = 0.2  # of a sentence in the calibration, a whole review being 1

Progress = Callable[[str], None]
Fit = Callable[[Sequence[str], NDArray[np.bool_]], Pipeline]


@dataclass(frozen=True)
class TrainedModel:
    """A fitted algorithm and what its training found out about it.

    Attributes
    ----------
    p_out_of_fold : float array, shape (n,)
        For every training review the calibrated probability given by a model that saw
        no review of the same film.
    reference : Baseline
        How the training reviews looked, for drift to be measured from.
    """

    algorithm: str
    params: dict[str, Any]
    seed: int
    pipeline: Pipeline
    calibration: Calibration
    p_out_of_fold: NDArray[np.float64]
    reference: Baseline

    @cached_property
    def scorer(self) -> CompiledScorer | PipelineScorer:
        """The model as a scorer."""
        if is_linear(self.pipeline):
            return CompiledScorer(compile_pipeline(self.pipeline), self.calibration)
        return PipelineScorer(self.pipeline, self.calibration)

    @property
    def n_features(self) -> int:
        return len(self.pipeline[0].vocabulary_)

    def save(self, folder: Path) -> str:
        """Write the model's files into ``folder``; its checksum."""
        meta = {"algorithm": self.algorithm, "params": self.params, "seed": self.seed}
        if isinstance(self.scorer, CompiledScorer):
            model_folder.save_linear(folder, self.scorer.model, self.calibration, meta)
        else:
            pipeline_file.save_pipeline(folder, self.pipeline, self.calibration, meta)
        self.reference.write(folder)
        return model_folder.folder_checksum(folder)


def train(
    corpus: Corpus,
    *,
    algorithm: str,
    unlabelled: Sequence[str] = (),
    params: dict[str, Any] | None = None,
    seed: int = 0,
    n_folds: int = N_FOLDS,
    progress: Progress = lambda _: None,
) -> TrainedModel:
    """Train a model on a corpus.

    Parameters
    ----------
    corpus : Corpus
        n reviews with labels and, where known, their films.
    algorithm : str
        A registered name.
    unlabelled : sequence of str, optional
        Reviews without labels, of other films than the corpus's.
    params : dict, optional
        What differs from the algorithm's defaults.
    seed : int, optional
    n_folds : int, optional
        Number of folds of the calibration.
    progress : callable, optional
        Called with a short message before each step.

    Returns
    -------
    TrainedModel
        Fitted on all of ``corpus``, calibrated on out-of-fold decisions.

    Raises
    ------
    CorpusError
        If one class is missing or has too few reviews for the folds.
    ParameterError
        If the algorithm or a parameter does not exist, or the algorithm does not use
        unlabelled reviews.
    """
    settings = get_algorithm(algorithm).defaults | (params or {})
    fit = fitter(algorithm, settings, unlabelled, seed)
    # Calibrated on sentences too: a probability must mean what it says in a short review.
    examples = with_sentences(corpus.texts, weight=SENTENCE_WEIGHT, seed=seed)
    calibration, p_out_of_fold = cross_validate(
        corpus, examples, fit, seed=seed, n_folds=n_folds, progress=progress
    )
    progress(f"fitting {algorithm} on all {len(corpus)} reviews")
    pipeline = fit(corpus.texts, corpus.labels)
    return TrainedModel(
        algorithm=algorithm,
        params=settings,
        seed=seed,
        pipeline=pipeline,
        calibration=calibration,
        p_out_of_fold=p_out_of_fold[: len(corpus)],
        reference=make_baseline(corpus, examples, p_out_of_fold, set(pipeline[0].vocabulary_)),
    )


def refit(model: TrainedModel, corpus: Corpus, *, unlabelled: Sequence[str] = ()) -> TrainedModel:
    """The same algorithm, fitted on another corpus; it keeps the model's calibration."""
    fit = fitter(model.algorithm, model.params, unlabelled, model.seed)
    return replace(model, pipeline=fit(corpus.texts, corpus.labels))


def fitter(name: str, settings: dict[str, Any], unlabelled: Sequence[str], seed: int) -> Fit:
    """An algorithm with everything settled but what it learns from."""
    chosen = get_algorithm(name)
    unknown = set(settings) - set(chosen.defaults)
    if unknown:
        raise ParameterError(
            f"{name} has no parameter {sorted(unknown)[0]!r}; it has "
            + ", ".join(sorted(chosen.defaults))
        )
    if len(unlabelled) and not chosen.uses_unlabelled:
        raise ParameterError(f"{name} cannot learn from unlabelled reviews")
    extra = {"unlabelled": unlabelled} if chosen.uses_unlabelled else {}

    def fit(texts: Sequence[str], labels: NDArray[np.bool_]) -> Pipeline:
        return chosen.fit(texts, labels, seed=seed, **extra, **settings)

    return fit


def cross_validate(
    corpus: Corpus,
    examples: Examples,
    fit: Fit,
    *,
    seed: int,
    n_folds: int = N_FOLDS,
    progress: Progress = lambda _: None,
) -> tuple[Calibration, NDArray[np.float64]]:
    """A calibration, and for every example the probability of being positive, shape (n,).

    Each is from the decision of a model that saw no review of the example's film.

    Raises
    ------
    CorpusError
        If the corpus has too few films or reviews for so many folds.
    """
    decisions = out_of_fold_decisions(
        corpus, examples, fit, seed=seed, n_folds=n_folds, progress=progress
    )
    calibration = calibrate(
        decisions, examples.n_words, corpus.labels[examples.sources], weights=examples.weights
    )
    pairs = zip(decisions, examples.n_words, strict=True)
    return calibration, np.array([calibration.p_positive(*pair) for pair in pairs])


def out_of_fold_decisions(
    corpus: Corpus,
    examples: Examples,
    fit: Fit,
    *,
    seed: int,
    n_folds: int = N_FOLDS,
    progress: Progress = lambda _: None,
) -> NDArray[np.float64]:
    """A decision about every example by a model that saw no review of its film, shape (n,)."""
    # A review of an unknown film is a film of its own.
    films = [film or f"#{i}" for i, film in enumerate(corpus.movies)]
    folds = StratifiedGroupKFold(n_folds, shuffle=True, random_state=seed)
    decisions = np.zeros(len(examples.texts))
    texts = np.array(examples.texts, dtype=object)
    try:
        splits = list(folds.split(films, corpus.labels, films))
    except ValueError as error:
        raise CorpusError(f"the data cannot be split into {n_folds} folds: {error}") from error
    for number, (seen, unseen) in enumerate(splits, start=1):
        progress(f"fold {number} of {n_folds}: {len(seen)} reviews, tested on {len(unseen)}")
        if len(set(corpus.labels[seen])) < 2 or not len(unseen):
            raise CorpusError(
                f"the data cannot be split into {n_folds} folds of different films "
                "that hold both classes: it has too few films"
            )
        pipeline = fit(list(texts[seen]), corpus.labels[seen])
        asked = np.isin(examples.sources, unseen)
        decisions[asked] = decide(pipeline, list(texts[asked]))
    return decisions


def decide(pipeline: Pipeline, texts: Sequence[str]) -> NDArray[np.float64]:
    """A pipeline's decision values, shape (n,): log-odds, whatever the classifier calls them."""
    if hasattr(pipeline[-1], "decision_function"):
        return pipeline.decision_function(texts)
    if is_linear(pipeline):
        return CompiledScorer(compile_pipeline(pipeline), Calibration()).decision_function(texts)
    p = np.clip(pipeline.predict_proba(texts)[:, 1], 1e-3, 1 - 1e-3)
    return np.log(p / (1 - p))
