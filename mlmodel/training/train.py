"""Train a release from a dataset: pull, check, split, train, evaluate, log, register."""

import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlmodel import events
from mlmodel.error_summary import summarize
from mlmodel.lifecycle.training_run import training_run
from mlmodel.models import Release
from mlmodel.sentiment.data.corpus import SPLIT_SEED, Corpus, grouped_split
from mlmodel.sentiment.errors import SentimentError
from mlmodel.sentiment.evaluation.cached_predictions import save_predictions
from mlmodel.sentiment.evaluation.holdout import EvaluationSet
from mlmodel.sentiment.evaluation.metrics import evaluate, predict_arrays
from mlmodel.sentiment.training.classifier import ReviewClassifier
from mlmodel.sentiment.training.fit import TrainedModel
from mlmodel.sentiment.training.out_of_fold import as_csv
from mlmodel.training import model_card, outcome, plots, preconditions, short_texts
from mlmodel.training.label_examination import require_good_labels
from mlmodel.training.outcome import Outcome
from mlmodel.training.task import Data, Task, plan_of, read, used_params

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Evaluation:
    """A trained model, its predictions for the held-out texts, and its metrics.

    Attributes
    ----------
    classifier : ReviewClassifier
        May be fitted again on all reviews; ``model`` stays the evaluated one.
    seen : Corpus
        The reviews that the model was trained on.
    p_positive, readable : arrays, shape (len(holdout.texts),)
        Computed once: metrics, plots and the file for later gates all use these.
    """

    classifier: ReviewClassifier
    model: TrainedModel
    seen: Corpus
    holdout: EvaluationSet
    p_positive: NDArray[np.float64]
    readable: NDArray[np.bool_]
    metrics: dict[str, Any]


def train_and_register(
    *,
    do_pull: bool = True,
    examine_as: str | None = None,
    progress: Progress = lambda _: None,
    **options: Any,
) -> Release:
    """Train a model, register it as challenger and return its release.

    The options are the fields of ``Task``. With ``examine_as``, the name of a gate profile, the
    labels are examined first.

    Raises
    ------
    LabelsRefused
        If the gate would refuse every model trained on these labels.
    SentimentError
        With a one-sentence message. A failure leaves neither a registered version nor a
        release. If it happens after the training has started, the run has the message.
    """
    started = time.monotonic()
    task = Task(**options)
    task.check()
    preconditions.check_training(task.dataset, progress)
    data = read(task, do_pull=do_pull, progress=progress)
    plan = plan_of(task, data)
    with training_run(plan, progress=progress) as run_id:
        if examine_as:
            require_good_labels(data.corpus, profile=examine_as, progress=progress)
        evaluation = _train_and_evaluate(task, data, progress)
        model = _refit(task, data, evaluation.classifier, progress)
        # Of the released model: no training contains these texts.
        of_short_texts = short_texts.measure(model.scorer, data.corpus.texts)
        evaluation = replace(evaluation, metrics=evaluation.metrics | of_short_texts)
        with tempfile.TemporaryDirectory() as folder:
            result = Outcome(Path(folder), run_id, plan)
            _write(result, task, data, evaluation, model)
            release = outcome.register(result, progress)
    events.trained(release, time.monotonic() - started)
    return release


def _train_and_evaluate(task: Task, data: Data, progress: Progress) -> Evaluation:
    seen, held_out = grouped_split(data.corpus, seed=SPLIT_SEED)
    n_movies = len(set(held_out.movies) - {""})
    progress(f"{len(seen)} reviews to train on, {len(held_out)} held out ({n_movies} movies)")
    started = time.monotonic()
    try:
        fitted, weights = data.with_short(seen, weight=task.short_weight)
        classifier = ReviewClassifier(
            task.algorithm, random_state=task.seed, **(task.params or {})
        ).fit(
            fitted.texts,
            fitted.labels,
            groups=fitted.movies,
            sample_weight=weights,
            ambiguous=data.ambiguous,
            unlabelled=data.unlabelled,
            progress=progress,
        )
    except SentimentError:
        raise
    except (ValueError, TypeError) as error:  # scikit-learn's, about impossible parameters
        raise SentimentError(f"the training failed: {summarize(error)}") from error
    seconds, model = time.monotonic() - started, classifier.model_
    p_out_of_fold = model.p_out_of_fold[: len(seen)]
    progress("evaluating on the held-out reviews")
    holdout = EvaluationSet(held_out)
    p_positive, readable = predict_arrays(model.scorer, holdout.texts)
    metrics = _metrics(holdout, p_positive, readable) | {
        # The same for the reviews that were trained on, by models that had not seen their movie.
        "out_of_fold": evaluate(
            seen.texts, seen.labels, p_out_of_fold, np.ones(len(seen), bool), seen.movies
        ),
        "training_s": round(seconds, 1),
    }
    return Evaluation(classifier, model, seen, holdout, p_positive, readable, metrics)


def _metrics(
    holdout: EvaluationSet, p_positive: NDArray[np.float64], readable: NDArray[np.bool_]
) -> dict[str, Any]:
    reviews = holdout.reviews
    n = len(reviews)
    return evaluate(reviews.texts, reviews.labels, p_positive[:n], readable[:n], reviews.movies)


def _refit(
    task: Task, data: Data, classifier: ReviewClassifier, progress: Progress
) -> TrainedModel:
    if task.refit:
        corpus, weights = data.with_short(data.corpus, weight=task.short_weight)
        progress(f"fitting {task.algorithm} again, on all {len(corpus)} reviews")
        classifier.refit(
            corpus.texts, corpus.labels, sample_weight=weights, unlabelled=data.unlabelled
        )
    return classifier.model_


def _write(
    result: Outcome, task: Task, data: Data, evaluation: Evaluation, model: TrainedModel
) -> None:
    record = asdict(data.lineage) | {
        "algorithm": task.algorithm,
        "params": used_params(task, data),
        "metrics": evaluation.metrics,
        "n_reviews": len(data.corpus),
    }
    holdout, p_positive = evaluation.holdout, evaluation.p_positive
    labels = holdout.reviews.labels
    p_seen = evaluation.model.p_out_of_fold[: len(evaluation.seen)]
    model.save(result.model_folder)
    save_predictions(result.model_folder, holdout.texts, p_positive, evaluation.readable)
    card = model_card.collect(result.model_folder, record, model.scorer)
    result.write(
        record=record,
        metrics=flatten(evaluation.metrics) | {"n_features": float(model.n_features)},
        figures=plots.draw_all(labels, p_positive[: len(labels)]),
        # By the evaluated model, not by ``model``, which may have been fitted again.
        documents=model_card.documents(card) | {"out_of_fold.csv": as_csv(evaluation.seen, p_seen)},
    )


def flatten(metrics: dict[str, Any], prefix: str = "") -> dict[str, float]:
    """Return nested metrics under the flat names that MLflow takes, without tables and Nones.

    >>> flatten({"n": 4, "freshness_mae": {"count": None, "estimate": 0.04}})
    {'n': 4.0, 'freshness_mae.estimate': 0.04}
    """
    flat: dict[str, float] = {}
    for name, value in metrics.items():
        if isinstance(value, dict):
            flat |= flatten(value, f"{prefix}{name}.")
        elif value is not None and not isinstance(value, list):
            flat[f"{prefix}{name}"] = float(value)
    return flat
