"""Search an algorithm's parameters with Optuna, and log every trial to MLflow."""

import shlex
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import optuna
from django.conf import settings
from optuna.trial import FrozenTrial, TrialState
from sqlalchemy.exc import SQLAlchemyError

from common.locks import Locked, exclusive
from common.sqlite_files import sqlite_url
from mlmodel.error_summary import summarize
from mlmodel.lifecycle import mlflow_registry
from mlmodel.lifecycle.data_pull import pull
from mlmodel.lifecycle.lineage import file_md5
from mlmodel.lifecycle.training_run import registry_lock
from mlmodel.sentiment.data.corpus import (
    SPLIT_SEED,
    check,
    grouped_split,
    read_corpus,
    read_unlabelled,
)
from mlmodel.sentiment.errors import SentimentError
from mlmodel.sentiment.models.algorithms import Range, get_algorithm
from mlmodel.sentiment.training.fit import make_fit
from mlmodel.sentiment.tuning.search import Measurement, Params, Scores, rounded, sample, space_of
from mlmodel.training import preconditions

FINISHED = (TrialState.COMPLETE, TrialState.PRUNED)
# Attributes of a study in tuning.sqlite3: what it was started with, its MLflow run, the numbers
# of the trials that are logged there.
TASK, RUN, LOGGED = "facts", "mlflow_run", "logged_trials"

Progress = Callable[[str], None]
Measure = Callable[[Params], Scores]


@dataclass(frozen=True)
class Task:
    """What is searched on which data. Only trials of the same task can be compared."""

    algorithm: str
    dataset: Path
    unlabelled: Path | None = None
    n_reviews: int | None = None  # a sample, for a quick search
    n_folds: int = 3
    seed: int = 0

    def as_dict(self) -> dict[str, Any]:
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
    """An open study, how its trials are measured, and the MLflow run that holds them."""

    study: optuna.Study
    measurement: Measurement
    run_id: str
    logging_lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def trials(self) -> list[FrozenTrial]:
        """The finished trials, including those whose parameters the algorithm refused."""
        return self.study.get_trials(states=FINISHED)

    @property
    def best(self) -> FrozenTrial | None:
        """The trial with the highest objective, the first of equals."""
        measured = self.study.get_trials(states=[TrialState.COMPLETE])
        return max(measured, key=lambda trial: trial.value or 0.0, default=None)


@contextmanager
def open_search(
    task: Task, *, name: str, do_pull: bool = True, progress: Progress = lambda _: None
) -> Iterator[Search]:
    """Start a search or resume it, and keep other processes out of it during the block.

    Raises
    ------
    SentimentError
        With a one-sentence message.
    """
    # Fail on an impossible task before anything takes long.
    make_fit(task.algorithm, {}, ["any"] if task.unlabelled else [], task.seed)
    preconditions.check_search(task.dataset, progress)
    for path in filter(None, [task.dataset, task.unlabelled]):
        if do_pull and pull(path):
            progress(f"{path} is the version that this commit names")
    measurement = _measurement(task)
    movies = set(measurement.corpus.movies) - {""}
    progress(f"{len(measurement.corpus)} reviews of {len(movies)} movies, {task.n_folds} folds")
    try:
        # A second process would take the running trials of the first for interrupted ones.
        with exclusive(settings.VAR_DIR / f"tuning-{name}.lock", wait=False):
            study = _open_study(settings.VAR_DIR / "tuning.sqlite3", name, task)
            yield Search(study, measurement, _mlflow_run(study, task))
    except Locked as error:
        raise SentimentError(f"study {name} is being searched by another process") from error


def _measurement(task: Task) -> Measurement:
    corpus = read_corpus(task.dataset)
    check(corpus)
    others = read_unlabelled(task.unlabelled, besides=corpus) if task.unlabelled else []
    # Without the reviews that trainings hold out: tuned on them, parameters would look too good.
    seen, _ = grouped_split(corpus, seed=SPLIT_SEED)
    if task.n_reviews:
        seen = sample(seen, task.n_reviews, seed=task.seed)
    return Measurement(seen, task.algorithm, others, task.n_folds, task.seed)


def _open_study(path: Path, name: str, task: Task) -> optuna.Study:
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        study = optuna.create_study(
            storage=sqlite_url(path), study_name=name, direction="maximize", load_if_exists=True
        )
        # With the seed alone, a resumed study would draw the same parameters again.
        study.sampler = optuna.samplers.TPESampler(
            seed=task.seed + len(study.get_trials(deepcopy=False))
        )
        _check_task(study, task.as_dict())
        _retry_killed(study)
    except (optuna.exceptions.OptunaError, SQLAlchemyError, RuntimeError, OSError) as error:
        raise SentimentError(f"the studies in {path} cannot be read: {summarize(error)}") from error
    if not study.get_trials(deepcopy=False):
        # The defaults come first, so that the result is never worse than they are.
        defaults = get_algorithm(task.algorithm).defaults
        study.enqueue_trial({parameter: defaults[parameter] for parameter in _space(task)})
    return study


def _space(task: Task) -> dict[str, Range]:
    return space_of(task.algorithm, unlabelled=bool(task.unlabelled))


def _check_task(study: optuna.Study, task: dict[str, Any]) -> None:
    started_with = study.user_attrs.get(TASK)
    if started_with is None:
        study.set_user_attr(TASK, task)
        return
    for name in sorted(task.keys() | started_with.keys()):
        before, now = started_with.get(name), task.get(name)
        if before != now:
            raise SentimentError(
                f"study {study.study_name} was started with {name} {before}, not {now}: "
                "continue with that, or choose another --study"
            )


def _retry_killed(study: optuna.Study) -> None:
    for trial in study.get_trials(states=[TrialState.RUNNING]):
        study.tell(trial.number, state=TrialState.FAIL)
        if trial.params:
            study.enqueue_trial(trial.params)


def _mlflow_run(study: optuna.Study, task: Task) -> str:
    known = study.user_attrs.get(RUN)
    tags = {name: str(value) for name, value in task.as_dict().items()}
    # The first process on a machine creates the store's tables.
    with registry_lock():
        run_id = mlflow_registry.open_search(known, name=f"tune {study.study_name}", tags=tags)
    if run_id != known:
        study.set_user_attr(RUN, run_id)
        study.set_user_attr(LOGGED, [])  # another MLflow store: it gets all trials
    return run_id


def run_trials(
    search: Search,
    *,
    n_trials: int,
    timeout_s: float | None = None,
    dask: str | None = None,
    on_trial: Callable[[FrozenTrial], None] = lambda _: None,
    progress: Progress = lambda _: None,
) -> None:
    """Run trials until the study has ``n_trials``; start none after ``timeout_s`` seconds.

    With ``dask``, the address of a cluster, one trial runs on each of its workers.
    """
    log_trials(search)
    remaining = n_trials - len(search.trials)
    if remaining <= 0:
        return
    study = search.study
    with _measure(search.measurement, dask, progress) as (measure, n_jobs):
        failures: list[BaseException] = []
        end = None if timeout_s is None else time.monotonic() + timeout_s
        n_queued = min(len(study.get_trials(states=[TrialState.WAITING])), remaining)
        # Queued trials run one by one: on SQLite two threads can start the same one.
        for n, n_threads in ((n_queued, 1), (remaining - n_queued, n_jobs)):
            if n and not failures:
                study.optimize(
                    partial(_objective, search, measure, failures),
                    n_trials=n,
                    timeout=None if end is None else max(0.0, end - time.monotonic()),
                    n_jobs=n_threads,
                    callbacks=[lambda _, trial: on_trial(trial), lambda _, __: log_trials(search)],
                )
        if failures:  # with several jobs Optuna drops the error of the last ones
            raise failures[0]


@contextmanager
def _measure(
    measurement: Measurement, dask: str | None, progress: Progress
) -> Iterator[tuple[Measure, int]]:
    """Yield how to measure parameters, and how many trials can run at the same time."""
    if dask is None:
        yield partial(measurement, progress=progress), 1
        return
    # Dask takes a second to import, and is rarely used.
    from mlmodel.training.dask_cluster import connect, n_workers, on_worker  # noqa: PLC0415

    with connect(dask) as client:
        yield on_worker(client, measurement), n_workers(client)


def _objective(
    search: Search, measure: Measure, failures: list[BaseException], trial: optuna.Trial
) -> float:
    algorithm = search.measurement.algorithm
    space = space_of(algorithm, unlabelled=bool(search.measurement.unlabelled))
    params = {name: _suggest(trial, name, range_) for name, range_ in space.items()}
    try:
        scores = measure(rounded(params))
    except BaseException as error:
        if isinstance(error, ValueError) and not isinstance(error, SentimentError):
            # scikit-learn's, about parameters that do not go together.
            trial.set_user_attr("refusal", str(error).partition("\n")[0])
            raise optuna.TrialPruned from error
        # Interrupted: when the search is resumed, the same parameters come first.
        search.study.enqueue_trial(trial.params)
        failures.append(error)
        raise
    trial.set_user_attr("scores", asdict(scores))
    return scores.objective


def _suggest(trial: optuna.Trial, name: str, range_: Range) -> float:
    if isinstance(range_.low, int) and isinstance(range_.high, int):
        return trial.suggest_int(name, range_.low, range_.high, log=True)
    return trial.suggest_float(name, range_.low, range_.high, log=True)


def log_trials(search: Search) -> None:
    """Log the trials that MLflow does not have, also those that ended while it was down."""
    study = search.study
    with search.logging_lock:
        logged = list(study.user_attrs.get(LOGGED, []))
        new = [trial for trial in search.trials if trial.number not in logged]
        for trial in new:
            mlflow_registry.log_trial(
                search.run_id,
                name=f"trial {trial.number}",
                params={"algorithm": search.measurement.algorithm} | rounded(trial.params),
                metrics=_metrics(trial),
                failed=trial.state == TrialState.PRUNED,
            )
            logged.append(trial.number)
            study.set_user_attr(LOGGED, logged)
        if new and (best := search.best):
            mlflow_registry.log_search(
                search.run_id, best=rounded(best.params), metrics=_metrics(best)
            )


def _metrics(trial: FrozenTrial) -> dict[str, float]:
    if trial.value is None or trial.duration is None:
        return {}
    scores = trial.user_attrs["scores"]
    metrics = {
        "objective": trial.value,
        "review_accuracy": scores["reviews"],
        "sentence_accuracy": scores["sentences"],
        "seconds": round(trial.duration.total_seconds(), 1),
    }
    return {name: value for name, value in metrics.items() if value is not None}


def train_command(algorithm: str, best: FrozenTrial, *data_options: str) -> str:
    """Return the shell command that trains with the parameters of a trial."""
    words = ["python", "manage.py", "train", "--algorithm", algorithm, *data_options]
    for name, value in rounded(best.params).items():
        words += ["--param", f"{name}={value}"]
    return shlex.join(words)
