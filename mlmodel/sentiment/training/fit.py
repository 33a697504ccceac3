"""Train a model: fit an algorithm, calibrate it on out-of-fold decisions, save it."""

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
from mlmodel.sentiment.features.text import words
from mlmodel.sentiment.io import model_folder, pipeline_file
from mlmodel.sentiment.models.algorithms import get_algorithm
from mlmodel.sentiment.models.calibration import Calibration, calibrate
from mlmodel.sentiment.models.scorer import CompiledScorer, PipelineScorer
from mlmodel.sentiment.monitoring.baseline import Baseline, make_baseline

N_FOLDS = 5
SENTENCE_WEIGHT = 0.2  # of a sentence in the calibration, a whole review being 1

Progress = Callable[[str], None]
Weights = NDArray[np.float64] | None  # of each text; None: 1
Fit = Callable[[Sequence[str], NDArray[np.bool_], Weights], Pipeline]


@dataclass(frozen=True)
class TrainedModel:
    """A fitted and calibrated algorithm.

    Parameters
    ----------
    algorithm : str
    params : dict
        All parameters of the algorithm.
    seed : int
    pipeline : Pipeline
        Fitted; takes raw texts.
    calibration : Calibration
    p_out_of_fold : float array, shape (n,)
        Every training review's calibrated probability, by a model that was trained on no
        review of the same movie.
    reference : Baseline
        The training reviews, for the measurement of drift.
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
        return _scorer(self.pipeline, self.calibration)

    @property
    def n_features(self) -> int:
        """Number of words or n-grams."""
        return len(self.pipeline[0].vocabulary_)

    def save(self, folder: Path) -> str:
        """Save a model folder for ``load_scorer``; return its checksum."""
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
    weights: Weights = None,
    ambiguous: Sequence[str] = (),
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
        n labelled reviews; ``movies`` keeps a movie's reviews in one fold.
    algorithm : str
        A key of ``ALGORITHMS``.
    weights : float array, shape (n,), optional
        Weight of each review; 1 without it.
    ambiguous : sequence of str, optional
        Texts that readers label differently. They are calibrated on, as both labels at once, and
        not trained on.
    unlabelled : sequence of str, optional
        Reviews without labels, of other movies than the corpus's.
    params : dict, optional
        Parameters that differ from the algorithm's defaults.
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
    fit = make_fit(algorithm, settings, unlabelled, seed)
    # Calibrated on sentences as well, so that probabilities are right for short reviews.
    examples = with_sentences(corpus.texts, weight=SENTENCE_WEIGHT, seed=seed)
    calibration, p_out_of_fold = cross_validate(
        corpus,
        examples,
        fit,
        weights=weights,
        ambiguous=ambiguous,
        seed=seed,
        n_folds=n_folds,
        progress=progress,
    )
    progress(f"fitting {algorithm} on all {len(corpus)} reviews")
    pipeline = fit(corpus.texts, corpus.labels, weights)
    return TrainedModel(
        algorithm=algorithm,
        params=settings,
        seed=seed,
        pipeline=pipeline,
        calibration=calibration,
        p_out_of_fold=p_out_of_fold[: len(corpus)],
        reference=make_baseline(corpus, examples, p_out_of_fold, set(pipeline[0].vocabulary_)),
    )


def refit(
    model: TrainedModel,
    corpus: Corpus,
    *,
    weights: Weights = None,
    unlabelled: Sequence[str] = (),
) -> TrainedModel:
    """Fit a model's algorithm on another corpus, and keep its calibration.

    Parameters
    ----------
    model : TrainedModel
    corpus : Corpus
    weights : float array, shape (n,), optional
        Weight of each review; 1 without it.
    unlabelled : sequence of str, optional

    Returns
    -------
    TrainedModel
    """
    fit = make_fit(model.algorithm, model.params, unlabelled, model.seed)
    return replace(model, pipeline=fit(corpus.texts, corpus.labels, weights))


def make_fit(name: str, settings: dict[str, Any], unlabelled: Sequence[str], seed: int) -> Fit:
    """Return a function that fits an algorithm to texts and labels.

    Parameters
    ----------
    name : str
        A key of ``ALGORITHMS``.
    settings : dict
        All parameters of the algorithm.
    unlabelled : sequence of str
        Texts without labels; empty for algorithms that do not use them.
    seed : int

    Returns
    -------
    callable
        ``fit(texts, labels, weights=None)`` returns a fitted ``Pipeline``.

    Raises
    ------
    ParameterError
        If the algorithm or a parameter does not exist, or the algorithm does not use
        unlabelled reviews.
    """
    algorithm = get_algorithm(name)
    unknown = set(settings) - set(algorithm.defaults)
    if unknown:
        raise ParameterError(
            f"{name} has no parameter {sorted(unknown)[0]!r}; it has "
            + ", ".join(sorted(algorithm.defaults))
        )
    if len(unlabelled) and not algorithm.uses_unlabelled:
        raise ParameterError(f"{name} cannot learn from unlabelled reviews")
    extra = {"unlabelled": unlabelled} if algorithm.uses_unlabelled else {}

    def fit(texts: Sequence[str], labels: NDArray[np.bool_], weights: Weights = None) -> Pipeline:
        return algorithm.fit(texts, labels, seed=seed, weights=weights, **extra, **settings)

    return fit


def cross_validate(
    corpus: Corpus,
    examples: Examples,
    fit: Fit,
    *,
    weights: Weights = None,
    ambiguous: Sequence[str] = (),
    seed: int,
    n_folds: int = N_FOLDS,
    progress: Progress = lambda _: None,
) -> tuple[Calibration, NDArray[np.float64]]:
    """Calibrate an algorithm on out-of-fold decisions.

    Parameters
    ----------
    corpus : Corpus
    examples : Examples
        The corpus's reviews, followed by some of their sentences; n in all.
    fit : callable
        As from ``make_fit``.
    weights : float array, shape (len(corpus),), optional
        Weight of each review; 1 without it.
    ambiguous : sequence of str, optional
        Texts that are calibrated on as both labels at once.
    seed : int
    n_folds : int, optional
    progress : callable, optional
        Called with a short message before each fold.

    Returns
    -------
    calibration : Calibration
    p_positive : float array, shape (n,)
        Calibrated probabilities, by models that were trained on no review of the same movie.

    Raises
    ------
    CorpusError
        If the corpus has too few movies or reviews for the folds.
    """
    decisions, of_ambiguous = out_of_fold_decisions(
        corpus,
        examples,
        fit,
        weights=weights,
        ambiguous=ambiguous,
        seed=seed,
        n_folds=n_folds,
        progress=progress,
    )
    both_sides = np.repeat([True, False], len(ambiguous))
    review_weights = 1 if weights is None else weights[examples.sources]
    calibration = calibrate(
        np.concatenate([decisions, of_ambiguous, of_ambiguous]),
        [*examples.n_words, *[len(words(text)) for text in ambiguous] * 2],
        np.concatenate([corpus.labels[examples.sources], both_sides]),
        weights=np.concatenate([examples.weights * review_weights, np.full(len(both_sides), 0.5)]),
    )
    pairs = zip(decisions, examples.n_words, strict=True)
    return calibration, np.array([calibration.p_positive(*pair) for pair in pairs])


def out_of_fold_decisions(
    corpus: Corpus,
    examples: Examples,
    fit: Fit,
    *,
    weights: Weights = None,
    ambiguous: Sequence[str] = (),
    seed: int,
    n_folds: int = N_FOLDS,
    progress: Progress = lambda _: None,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the decisions of models that were not trained on a text.

    Parameters and errors are those of ``cross_validate``.

    Returns
    -------
    decisions : float array, shape (n,)
        Each example's, by a model that was trained on no review of its movie.
    of_ambiguous : float array, shape (len(ambiguous),)
        The mean of all models.
    """
    # A review of an unknown movie is a movie of its own.
    movies = [movie or f"#{i}" for i, movie in enumerate(corpus.movies)]
    folds = StratifiedGroupKFold(n_folds, shuffle=True, random_state=seed)
    decisions = np.zeros(len(examples.texts))
    of_ambiguous = np.zeros(len(ambiguous))
    texts = np.array(examples.texts, dtype=object)
    try:
        splits = list(folds.split(movies, corpus.labels, movies))
    except ValueError as error:
        raise CorpusError(f"the data cannot be split into {n_folds} folds: {error}") from error
    for number, (seen, unseen) in enumerate(splits, start=1):
        progress(f"fold {number} of {n_folds}: {len(seen)} reviews, tested on {len(unseen)}")
        if len(set(corpus.labels[seen])) < 2 or not len(unseen):
            raise CorpusError(
                f"the data cannot be split into {n_folds} folds of different movies "
                "that hold both classes: it has too few movies"
            )
        seen_weights = None if weights is None else weights[seen]
        pipeline = fit(list(texts[seen]), corpus.labels[seen], seen_weights)
        is_unseen = np.isin(examples.sources, unseen)
        decisions[is_unseen] = decision_function(pipeline, list(texts[is_unseen]))
        if len(ambiguous):
            of_ambiguous += decision_function(pipeline, ambiguous) / n_folds
    return decisions, of_ambiguous


def decision_function(pipeline: Pipeline, texts: Sequence[str]) -> NDArray[np.float64]:
    """Return a pipeline's decision values.

    Parameters
    ----------
    pipeline : Pipeline
        Fitted, of any of the algorithms.
    texts : sequence of str, length n

    Returns
    -------
    float array, shape (n,)
        In log-odds, not calibrated.
    """
    if hasattr(pipeline[-1], "decision_function"):
        return pipeline.decision_function(texts)
    return _scorer(pipeline, Calibration()).decision_function(texts)


def _scorer(pipeline: Pipeline, calibration: Calibration) -> CompiledScorer | PipelineScorer:
    if is_linear(pipeline):
        return CompiledScorer(compile_pipeline(pipeline), calibration)
    return PipelineScorer(pipeline, calibration)
