"""A training as a run of MLflow that starts before it and ends with it, however it ends."""

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings

from common.locks import Locked, exclusive
from mlmodel.error_summary import summarize
from mlmodel.lifecycle import mlflow_registry as registry
from mlmodel.lifecycle.mlflow_store import site_store
from mlmodel.sentiment.errors import SentimentError

logger = logging.getLogger(__name__)

# Ctrl-C, and what `stops_on_sigterm` raises.
STOPPED = (KeyboardInterrupt, SystemExit)
DISAPPEARED = "the training ended without a message: it was killed, or the machine went down"
ERROR_TAG, DESCRIPTION_TAG = "error", "mlflow.note.content"

Progress = Callable[[str], None]


@dataclass(frozen=True)
class DatasetInput:
    """A file that a training reads, as MLflow lists it."""

    path: str
    name: str
    digest: str  # md5, as DVC computes it
    context: str
    columns: dict[str, str]  # types of MLflow by name
    profile: dict[str, float]
    target: str = ""


@dataclass(frozen=True)
class Plan:
    """What is known about a training before it starts."""

    name: str
    params: dict[str, Any]
    tags: dict[str, str]
    datasets: list[DatasetInput] = field(default_factory=list)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "Plan":
        datasets = [DatasetInput(**dataset) for dataset in values["datasets"]]
        return cls(**(values | {"datasets": datasets}))


def registry_lock(progress: Progress = lambda _: None) -> AbstractContextManager:
    """Return a lock on the registry: a store in a file breaks when two processes register."""
    return exclusive(
        settings.VAR_DIR / "registry.lock",
        on_wait=lambda: progress("waiting for another training to register"),
    )


@contextmanager
def training_run(
    plan: Plan, *, run_id: str | None = None, progress: Progress = lambda _: None
) -> Iterator[str]:
    """Start a run, or continue the given one, and end it with the block.

    It ends as FINISHED, as FAILED with the error's sentence, or as KILLED if it was stopped.
    A killed process ends no run; the next training here does.
    """
    with ExitStack() as stack:
        with registry_lock(progress):
            end_abandoned_runs()
            if run_id:
                _hold(stack, run_id)
            started = _start(plan, run_id)
            if started != run_id:
                _hold(stack, started)
        try:
            with registry_lock(progress):
                _log_plan(plan)
            yield started
        except STOPPED:
            _end(started, "KILLED", "stopped")
            raise
        except BaseException as error:
            _end(started, "FAILED", summarize(error))
            raise
        _end(started, "FINISHED")


def _hold(stack: ExitStack, run_id: str) -> None:
    """Lock the run's file until the stack is closed; the system does it if the process dies."""
    try:
        stack.enter_context(exclusive(_lock_file(run_id), wait=False))
    except Locked as error:
        raise SentimentError(f"another process works on run {run_id}") from error


def _start(plan: Plan, run_id: str | None) -> str:
    mlflow = registry.connect()
    with registry.summarize_errors():
        client = mlflow.MlflowClient()
        if run_id and not registry.has_run(client, run_id):
            run_id = None  # another store than the run was started in
        run = mlflow.start_run(
            run_id=run_id,
            experiment_id=registry.site_experiment(client),
            run_name=plan.name,
            tags=plan.tags,
        )
        for tag in {ERROR_TAG, DESCRIPTION_TAG} & run.data.tags.keys():  # of an earlier failure
            client.delete_tag(run.info.run_id, tag)
    return run.info.run_id


def _log_plan(plan: Plan) -> None:
    api = registry.load_api()
    with registry.summarize_errors(), registry.without_warnings():
        api.mlflow.log_params(plan.params)
        for dataset in plan.datasets:
            tags = {"target": dataset.target} if dataset.target else None
            api.mlflow.log_input(api.make_dataset(dataset), context=dataset.context, tags=tags)


def _end(run_id: str, status: str, error: str = "") -> None:
    mlflow = registry.load_api().mlflow
    try:
        with registry.summarize_errors():
            try:
                if error:
                    mlflow.set_tags({ERROR_TAG: error, DESCRIPTION_TAG: error})
            finally:
                mlflow.end_run(status)
    except registry.RegistryUnavailable:
        # Its lock's file stays, so that the next training here ends the run.
        logger.warning(
            "MLflow shows run %s as RUNNING until the next training here: it could not be reached",
            run_id,
        )
    else:
        _lock_file(run_id).unlink(missing_ok=True)


def _lock_file(run_id: str) -> Path:
    store = site_store()
    folder = store.parent if store else settings.VAR_DIR
    return folder / "training-runs" / f"{run_id}.lock"


def end_abandoned_runs() -> None:
    """End the runs of trainings on this machine whose process has died.

    A run on a server that was not started from here has no lock file here, and is left alone.
    """
    with registry.open_client() as client:
        unfinished = client.search_runs(
            [registry.site_experiment(client)],
            "attributes.status = 'RUNNING' and tags.dataset_md5 != ''",
        )
        for run in unfinished:
            _end_if_abandoned(client, run.info.run_id)


def _end_if_abandoned(client: Any, run_id: str) -> None:
    lock_file = _lock_file(run_id)
    if not lock_file.exists() and not site_store():
        return
    try:
        with exclusive(lock_file, wait=False):
            if client.get_run(run_id).info.status == "RUNNING":  # it may have just ended
                client.set_tag(run_id, ERROR_TAG, DISAPPEARED)
                client.set_tag(run_id, DESCRIPTION_TAG, DISAPPEARED)
                client.set_terminated(run_id, "KILLED")
            lock_file.unlink(missing_ok=True)
    except Locked:
        pass  # a training that is alive
