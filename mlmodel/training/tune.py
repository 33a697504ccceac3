"""From a dataset to the best parameters found: pull, split, search, every trial in MLflow."""

import shlex
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings

from common.locks import Locked, exclusive
from mlmodel.lifecycle import mlflow_registry
from mlmodel.lifecycle.lineage import file_md5, pull
from mlmodel.sentiment.data.corpus import check, grouped_split, read_corpus, read_unlabelled
from mlmodel.sentiment.errors import SentimentError
from mlmodel.sentiment.models.algorithms import get_algorithm
from mlmodel.sentiment.training.fit import fitter
from mlmodel.sentiment.tuning.search import Measurement, measure, sample, space_of
from mlmodel.sentiment.tuning.study import Asked, Study, Trial
from mlmodel.training.train import SPLIT_SEED

RUN, LOGGED = "mlflow_run", "logged_trials"

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Task:
    """What is searched on what: trials can be compared where this is the same."""

    algorithm: str
    dataset: Path
    unlabelled: Path | None = None
    n_reviews: int | None = None  # a sample, for a quick search
    n_folds: int = 3
    seed: int = 0

    @property
    def facts(self) -> dict[str, Any]:
        return {
            "algorithm": self.algorithm,
            "dataset": file_md5(self.dataset),
            "folds": self.n_folds,
            "sample": self.n_reviews,
            "seed": self.seed,
            "unlabelled": file_md5(self.unlabelled) if self.unlabelled else None,
        }


@dataclass(frozen=True)
class Search:
    """A study that is ready to go on, and how its trials are measured."""

    study: Study
    measurement: Measurement
    run_id: str


@contextmanager
def open_search(
    task: Task, *, name: str, do_pull: bool = True, progress: Progress = lambda _: None
) -> Iterator[Search]:
    """Begin a search or take it up, for as long as the block lasts.

    Raises
    ------
    SentimentError
        In one sentence.
    """
    # What cannot be is said before anything takes long.
    fitter(task.algorithm, {}, ["any"] if task.unlabelled else [], task.seed)
    for path in filter(None, [task.dataset, task.unlabelled]):
        if do_pull and pull(path):
            progress(f"{path} is the data that this commit names")
    measurement = _measurement(task)
    films = set(measurement.corpus.movies) - {""}
    progress(f"{len(measurement.corpus)} reviews of {len(films)} films, {task.n_folds} folds")
    with _alone(name):
        study = Study(
            settings.VAR_DIR / "tuning.sqlite3",
            name,
            facts=task.facts,
            space=space_of(task.algorithm, unlabelled=bool(task.unlabelled)),
            seed=task.seed,
        )
        study.begin_with(get_algorithm(task.algorithm).defaults)
        yield Search(study, measurement, _mlflow_run(study, task))


def _measurement(task: Task) -> Measurement:
    corpus = read_corpus(task.dataset)
    check(corpus)
    others = read_unlabelled(task.unlabelled, besides=corpus) if task.unlabelled else []
    # Parameters that were chosen on the films that trainings hold out would flatter their figures.
    seen, _ = grouped_split(corpus, seed=SPLIT_SEED)
    chosen = sample(seen, task.n_reviews, seed=task.seed) if task.n_reviews else seen
    return Measurement(chosen, task.algorithm, others, task.n_folds, task.seed)


def _mlflow_run(study: Study, task: Task) -> str:
    known = study.recall(RUN)
    tags = {fact: str(value) for fact, value in task.facts.items()}
    with exclusive(
        settings.VAR_DIR / "registry.lock"
    ):  # a store in a file may have to be made first
        run_id = mlflow_registry.open_search(known, name=f"tune {study.name}", tags=tags)
    if run_id != known:
        study.remember(RUN, run_id)
        study.remember(LOGGED, [])  # another MLflow store: it gets them all
    return run_id


@contextmanager
def _alone(name: str) -> Iterator[None]:
    """Two processes in one study would each take the other's trial for an interrupted one."""
    try:
        with exclusive(settings.VAR_DIR / f"tuning-{name}.lock", wait=False):
            yield
    except Locked as error:
        raise SentimentError(f"study {name} is being searched by another process") from error


def go_on(
    search: Search,
    *,
    n_trials: int,
    timeout_s: float | None = None,
    dask: str | None = None,
    on_trial: Callable[[Trial], None] = lambda _: None,
    progress: Progress = lambda _: None,
) -> None:
    """Run trials until the study has ``n_trials``, or no new one once the time is over.

    With ``dask``, the address of a cluster, as many run at once as it has workers.
    """
    log_new(search)
    wanted = _wanted(search.study, n_trials, timeout_s)
    trials = _on_cluster(search, wanted, dask) if dask else _here(search, wanted, progress)
    for trial in trials:
        on_trial(trial)
        log_new(search)


def _wanted(study: Study, n_trials: int, timeout_s: float | None) -> Iterator[Asked]:
    started = time.monotonic()
    for _ in range(n_trials - len(study.trials)):
        if timeout_s is not None and time.monotonic() - started > timeout_s:
            return
        yield study.ask()


def _here(search: Search, wanted: Iterable[Asked], progress: Progress) -> Iterator[Trial]:
    for asked in wanted:
        measured = partial(search.measurement, asked.params, progress=progress)
        yield search.study.tell(asked, measured)


def _on_cluster(search: Search, wanted: Iterable[Asked], address: str) -> Iterator[Trial]:
    from mlmodel.training.dask_cluster import connect, run_each

    with connect(address) as client:
        for asked, measured in run_each(
            client, measure, search.measurement, wanted, lambda asked: asked.params
        ):
            yield search.study.tell(asked, measured)


def log_new(search: Search) -> None:
    """Log the trials that MLflow has not got yet: it may have been away when they ended."""
    study, logged = search.study, set(search.study.recall(LOGGED))
    new = [trial for trial in study.trials if trial.number not in logged]
    for trial in new:
        mlflow_registry.log_trial(
            search.run_id,
            name=f"trial {trial.number}",
            params={"algorithm": search.measurement.algorithm} | trial.params,
            metrics=_metrics(trial),
            failed=trial.scores is None,
        )
        logged.add(trial.number)
        study.remember(LOGGED, sorted(logged))
    best = study.best
    if new and best:
        mlflow_registry.log_search(search.run_id, best=best.params, metrics=_metrics(best))


def _metrics(trial: Trial) -> dict[str, float]:
    if trial.scores is None:
        return {}
    metrics = {
        "objective": trial.scores.objective,
        "review_accuracy": trial.scores.reviews,
        "seconds": trial.seconds,
    }
    if trial.scores.sentences is not None:
        metrics["sentence_accuracy"] = trial.scores.sentences
    return metrics


def best_of(search: Search) -> Trial:
    """The trial with the highest objective, the first of equals."""
    best = search.study.best
    if best is None:
        raise SentimentError(f"no trial of study {search.study.name} has a result")
    return best


def train_command(algorithm: str, best: Trial, *data_options: str) -> str:
    """What to type to train with the parameters of a trial."""
    words = ["python", "manage.py", "train", "--algorithm", algorithm, *data_options]
    for name, value in best.params.items():
        words += ["--param", f"{name}={value}"]
    return shlex.join(words)
