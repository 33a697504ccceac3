"""Train a release from a dataset: pull, check, split, train, evaluate, log, register."""

import tempfile
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from common.locks import exclusive
from mlmodel import events
from mlmodel.error_summary import summarize
from mlmodel.lifecycle import mlflow_registry, releases
from mlmodel.lifecycle.lineage import Lineage, file_md5, lineage_of, pull
from mlmodel.models import Release
from mlmodel.sentiment.data.corpus import (
    SPLIT_SEED,
    Corpus,
    check,
    grouped_split,
    read_corpus,
    read_unlabelled,
)
from mlmodel.sentiment.errors import SentimentError
from mlmodel.sentiment.evaluation.cached_predictions import save_predictions
from mlmodel.sentiment.evaluation.holdout import EvaluationSet
from mlmodel.sentiment.evaluation.metrics import evaluate, predict_arrays
from mlmodel.sentiment.models.algorithms import get_algorithm
from mlmodel.sentiment.training import fit
from mlmodel.sentiment.training.fit import TrainedModel, train
from mlmodel.sentiment.training.out_of_fold import as_csv
from mlmodel.training import model_card, plots
from mlmodel.training.label_examination import require_good_labels

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Evaluation:
    """A trained model, its predictions for the held-out texts, and its metrics.

    Attributes
    ----------
    seen : Corpus
        The reviews that the model was trained on.
    p_positive, readable : arrays, shape (len(holdout.texts),)
        Computed once: metrics, plots and the file for later gates all use these.
    """

    model: TrainedModel
    seen: Corpus
    holdout: EvaluationSet
    p_positive: NDArray[np.float64]
    readable: NDArray[np.bool_]
    metrics: dict[str, Any]


def train_and_register(
    *,
    dataset: Path,
    algorithm: str,
    unlabelled: Path | None = None,
    params: dict[str, Any] | None = None,
    seed: int = 0,
    do_pull: bool = True,
    refit: bool = False,
    examine_as: str | None = None,
    progress: Progress = lambda _: None,
) -> Release:
    """Train a model, register it as challenger and return its release.

    With ``refit`` the released model is fitted again on all reviews; its metrics stay those
    of the model that had not seen the held-out movies. With ``examine_as``, the name of a gate
    profile, the labels are examined first.

    Raises
    ------
    LabelsRefused
        If the gate would refuse every model trained on these labels.
    SentimentError
        With a one-sentence message. A failure leaves neither a registered version nor a
        release.
    """
    started = time.monotonic()
    get_algorithm(algorithm)  # fail on an unknown name before anything takes long
    for path in filter(None, [dataset, unlabelled]):
        if do_pull and pull(path):
            progress(f"{path} is the version that this commit names")
    corpus = read_corpus(dataset)
    check(corpus)
    if examine_as:
        require_good_labels(corpus, profile=examine_as, progress=progress)
    others = read_unlabelled(unlabelled, besides=corpus) if unlabelled else []
    with _registry_lock(progress):
        mlflow_registry.connect()  # the first training on a machine creates the store's tables
    lineage = lineage_of(dataset)  # before the training, during which the code may change
    evaluation = _train_and_evaluate(
        corpus,
        partial(
            train,
            algorithm=algorithm,
            unlabelled=others,
            params=params,
            seed=seed,
            progress=progress,
        ),
        progress,
    )
    model = evaluation.model
    if refit:
        progress(f"fitting {algorithm} again, on all {len(corpus)} reviews")
        model = fit.refit(model, corpus, unlabelled=others)
    options: dict[str, Any] = {"refit": refit}
    if unlabelled:
        options |= {"unlabelled": len(others), "unlabelled_md5": file_md5(unlabelled)}
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "sentiment"
        model.save(folder)
        save_predictions(
            folder, evaluation.holdout.texts, evaluation.p_positive, evaluation.readable
        )
        run = _describe(folder, model, evaluation, lineage, dataset, len(corpus), options)
        with _registry_lock(progress):
            mlflow_registry.end_abandoned_runs()
            progress("logging the run")
            logged = mlflow_registry.log_training(run)
            release = _release(logged, run.tags)
    events.trained(release, time.monotonic() - started)
    return release


def _registry_lock(progress: Progress) -> AbstractContextManager:
    """Return a lock on the registry: a store in a file breaks when two processes register."""
    return exclusive(
        settings.VAR_DIR / "registry.lock",
        on_wait=lambda: progress("waiting for another training to register"),
    )


def _train_and_evaluate(
    corpus: Corpus, train_on: Callable[[Corpus], TrainedModel], progress: Progress
) -> Evaluation:
    seen, held_out = grouped_split(corpus, seed=SPLIT_SEED)
    n_movies = len(set(held_out.movies) - {""})
    progress(f"{len(seen)} reviews to train on, {len(held_out)} held out ({n_movies} movies)")
    started = time.monotonic()
    try:
        model = train_on(seen)
    except SentimentError:
        raise
    except (ValueError, TypeError) as error:  # scikit-learn's, about impossible parameters
        raise SentimentError(f"the training failed: {summarize(error)}") from error
    seconds = time.monotonic() - started
    progress("evaluating on the held-out reviews")
    holdout = EvaluationSet(held_out)
    p_positive, readable = predict_arrays(model.scorer, holdout.texts)
    metrics = _metrics(holdout, p_positive, readable) | {
        # The same for the reviews that were trained on, by models that had not seen their movie.
        "out_of_fold": evaluate(
            seen.texts, seen.labels, model.p_out_of_fold, np.ones(len(seen), bool), seen.movies
        ),
        "training_s": round(seconds, 1),
    }
    return Evaluation(model, seen, holdout, p_positive, readable, metrics)


def _metrics(
    holdout: EvaluationSet, p_positive: NDArray[np.float64], readable: NDArray[np.bool_]
) -> dict[str, Any]:
    reviews = holdout.reviews
    n = len(reviews)
    return evaluate(reviews.texts, reviews.labels, p_positive[:n], readable[:n], reviews.movies)


def _describe(
    folder: Path,
    model: TrainedModel,
    evaluation: Evaluation,
    lineage: Lineage,
    dataset: Path,
    n_reviews: int,
    options: dict[str, Any],
) -> mlflow_registry.Training:
    held_out = evaluation.holdout.reviews
    record = asdict(lineage) | {
        "algorithm": model.algorithm,
        "params": model.params | {"seed": model.seed} | options,
        "metrics": evaluation.metrics,
        "n_reviews": n_reviews,
    }
    tracked = {"dvc_md5": lineage.dataset_hash} if lineage.dataset_tracked else {}
    return mlflow_registry.Training(
        model_folder=folder,
        params={"algorithm": model.algorithm, "n_features": model.n_features, **record["params"]},
        metrics=flatten(evaluation.metrics),
        record=record,
        tags={
            "git_sha": lineage.git_commit,
            "git_dirty": str(lineage.git_dirty).lower(),
            "dataset_version": lineage.dataset_version,
            "dataset_md5": lineage.dataset_hash,
            "image_tag": lineage.image_tag,
            **tracked,
        },
        dataset_path=dataset,
        dataset_name=f"reviews-{lineage.dataset_version}",
        dataset_hash=lineage.dataset_hash,
        figures=plots.draw_all(held_out.labels, evaluation.p_positive[: len(held_out)]),
        documents=model_card.documents(model_card.collect(folder, record, model.scorer))
        # By the evaluated model, not by ``model``, which may have been fitted again.
        | {"out_of_fold.csv": as_csv(evaluation.seen, evaluation.model.p_out_of_fold)},
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


def _release(logged: mlflow_registry.Logged, tags: dict[str, str]) -> Release:
    version = mlflow_registry.register(logged, tags)
    try:
        with mlflow_registry.downloaded(version) as folder:
            release = releases.adopt(folder, version=version)
        mlflow_registry.move_alias(mlflow_registry.CHALLENGER, version)
    except BaseException:
        Release.objects.filter(version=version, run_id=logged.run_id).delete()
        mlflow_registry.unregister(version)
        raise
    return release
