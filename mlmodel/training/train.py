"""From a dataset to a release: pull, check, split, train, evaluate, log, register."""

import tempfile
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from common.locks import only_one
from mlmodel.error_summary import in_one_sentence
from mlmodel.lifecycle import mlflow_registry, releases
from mlmodel.lifecycle.lineage import Lineage, file_md5, lineage_of, pull
from mlmodel.models import Release
from mlmodel.monitoring import events
from mlmodel.sentiment.data.corpus import (
    SPLIT_SEED,
    Corpus,
    check,
    grouped_split,
    read_corpus,
    read_unlabelled,
)
from mlmodel.sentiment.errors import SentimentError
from mlmodel.sentiment.evaluation.cached_predictions import write_said
from mlmodel.sentiment.evaluation.holdout import Exam
from mlmodel.sentiment.evaluation.metrics import evaluate, read_all
from mlmodel.sentiment.evaluation.short_text import evaluate_sentences
from mlmodel.sentiment.models.algorithms import get_algorithm
from mlmodel.sentiment.training import fit
from mlmodel.sentiment.training.fit import TrainedModel, train
from mlmodel.sentiment.training.out_of_fold import as_csv
from mlmodel.training import model_card, plots

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Evaluated:
    """A trained model with its figures on the held-out reviews."""

    model: TrainedModel
    figures: dict[str, Any]
    seen: Corpus
    held_out: Corpus
    p_held_out: np.ndarray


def train_and_register(
    *,
    dataset: Path,
    algorithm: str,
    unlabelled: Path | None = None,
    params: dict[str, Any] | None = None,
    seed: int = 0,
    do_pull: bool = True,
    refit: bool = False,
    progress: Progress = lambda _: None,
) -> Release:
    """Train a model and make it a release, the registry's challenger.

    With ``refit`` the released model is trained once more on all reviews; its figures
    stay those of the one that had not seen the held-out films.

    Raises
    ------
    SentimentError
        In one sentence. Whatever fails, no version is registered and no release is left.
    """
    started = time.monotonic()
    get_algorithm(algorithm)  # an unknown name is said before anything takes long
    for path in filter(None, [dataset, unlabelled]):
        if do_pull and pull(path):
            progress(f"{path} is the data that this commit names")
    corpus = read_corpus(dataset)
    check(corpus)
    others = read_unlabelled(unlabelled, besides=corpus) if unlabelled else []
    with _registering(progress):
        mlflow_registry.connect()  # the first of all trainings makes a local store's tables here
    lineage = lineage_of(dataset)  # before the training: the code may change meanwhile
    learn = partial(
        train, algorithm=algorithm, unlabelled=others, params=params, seed=seed, progress=progress
    )
    evaluated = _train_and_evaluate(corpus, learn, progress)
    model = evaluated.model
    if refit:
        progress(f"fitting {algorithm} again, on all {len(corpus)} reviews")
        model = fit.refit(model, corpus, unlabelled=others)
    options: dict[str, Any] = {"refit": refit}
    if unlabelled:
        options |= {"unlabelled": len(others), "unlabelled_md5": file_md5(unlabelled)}
    with tempfile.TemporaryDirectory() as folder:
        model.save(Path(folder) / "sentiment")
        _keep_said(Path(folder) / "sentiment", evaluated)
        run = _describe(
            Path(folder) / "sentiment", model, evaluated, lineage, dataset, len(corpus), options
        )
        with _registering(progress):
            mlflow_registry.end_abandoned_runs()
            progress("logging the run")
            logged = mlflow_registry.log_training(run)
            release = _release(logged, run.tags)
    events.trained(release, time.monotonic() - started)
    return release


def _registering(progress: Progress) -> AbstractContextManager:
    """Alone with the registry: a store in a file is not made for two that register at once."""
    return only_one(
        "registry", waiting=lambda: progress("another training is registering; waiting for it")
    )


def _train_and_evaluate(
    corpus: Corpus, learn: Callable[[Corpus], TrainedModel], progress: Progress
) -> Evaluated:
    seen, held_out = grouped_split(corpus, seed=SPLIT_SEED)
    n_films = len(set(held_out.films) - {""})
    progress(f"{len(seen)} reviews to train on, {len(held_out)} held out ({n_films} films)")
    started = time.monotonic()
    model = _learn(learn, seen)
    seconds = time.monotonic() - started
    progress("evaluating on the held-out reviews")
    p_held_out, readable = read_all(model.scorer, held_out.texts)
    figures = evaluate(held_out.texts, held_out.labels, p_held_out, readable, held_out.films)
    # The same for every review that was trained on, by models that had not seen its film.
    out_of_fold = evaluate(
        seen.texts, seen.labels, model.p_out_of_fold, np.ones(len(seen), bool), seen.films
    )
    figures |= {
        "sentences": evaluate_sentences(model.scorer, held_out.texts, held_out.labels),
        "out_of_fold": out_of_fold,
        "training_s": round(seconds, 1),
    }
    return Evaluated(model, figures, seen, held_out, p_held_out)


def _learn(learn: Callable[[Corpus], TrainedModel], seen: Corpus) -> TrainedModel:
    try:
        return learn(seen)
    except (ValueError, TypeError) as error:  # scikit-learn's, of parameters that cannot be
        raise SentimentError(f"the training was refused: {in_one_sentence(error)}") from error


def _keep_said(folder: Path, evaluated: Evaluated) -> None:
    """Put what was said of the held-out reviews beside the model, for the gates to come."""
    texts = Exam(evaluated.held_out).texts
    write_said(folder, texts, *read_all(evaluated.model.scorer, texts))


def _describe(
    folder: Path,
    model: TrainedModel,
    evaluated: Evaluated,
    lineage: Lineage,
    dataset: Path,
    n_reviews: int,
    options: dict[str, Any],
) -> mlflow_registry.Training:
    facts = asdict(lineage) | {
        "algorithm": model.algorithm,
        "params": model.params | {"seed": model.seed} | options,
        "metrics": evaluated.figures,
        "n_reviews": n_reviews,
    }
    tracked = {"dvc_md5": lineage.dataset_hash} if lineage.dataset_tracked else {}
    return mlflow_registry.Training(
        model_folder=folder,
        params={"algorithm": model.algorithm, "n_features": model.n_features, **facts["params"]},
        metrics=flatten(evaluated.figures),
        facts=facts,
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
        figures=plots.draw_all(evaluated.held_out.labels, evaluated.p_held_out),
        documents=model_card.documents(model_card.gather(folder, facts, model.scorer))
        # Not of ``model``, which may be fitted again: of the one whose figures are logged.
        | {"out_of_fold.csv": as_csv(evaluated.seen, evaluated.model.p_out_of_fold)},
    )


def flatten(figures: dict[str, Any], prefix: str = "") -> dict[str, float]:
    """Nested figures under names that MLflow takes, without tables and what is unknown.

    >>> flatten({"n": 4, "freshness_mae": {"count": None, "estimate": 0.04}})
    {'n': 4.0, 'freshness_mae.estimate': 0.04}
    """
    flat: dict[str, float] = {}
    for name, value in figures.items():
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
        mlflow_registry.set_alias(version, mlflow_registry.CHALLENGER)
    except BaseException:
        Release.objects.filter(version=version, run_id=logged.run_id).delete()
        mlflow_registry.unregister(version)
        raise
    return release
