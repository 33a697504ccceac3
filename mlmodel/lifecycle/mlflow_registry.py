"""MLflow, and the only file that imports it: log a run, register a version, name the champion.

MLflow is imported inside functions: it takes two seconds and is not in the web image.
"""

import logging
import os
import re
import socket
import tempfile
import urllib.error
import urllib.request
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.conf import settings

from mlmodel.error_summary import summarize
from mlmodel.sentiment.errors import SentimentError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

CHAMPION, CHALLENGER = "champion", "challenger"
REACH_TIMEOUT_S = 4
# Read by MLflow when it is imported; what is set outside wins.
ENVIRONMENT = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "MLFLOW_LOGGING_LEVEL": "WARNING",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
}
# What a loader of the logged model needs; given, because MLflow would start a process to guess.
PIP_REQUIREMENTS = ["numpy", "pandas", "scikit-learn", "scipy", "skops"]


class RegistryUnavailable(SentimentError):
    """MLflow cannot be reached, or refused; what is live stays live."""


@dataclass(frozen=True)
class Training:
    """What there is to log about one training."""

    model_folder: Path
    params: dict[str, Any]
    metrics: dict[str, float]
    facts: dict[str, Any]  # goes into the model folder: a release can be made from it alone
    tags: dict[str, str]
    dataset_path: Path
    dataset_name: str
    dataset_hash: str
    figures: dict[str, "Figure"] = field(default_factory=dict)
    documents: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Logged:
    run_id: str
    model_id: str


def connect() -> Any:
    """MLflow, set up for our store.

    Raises
    ------
    RegistryUnavailable
        If it is not installed or does not answer within ``REACH_TIMEOUT_S``.
    """
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    uri = settings.MLFLOW_TRACKING_URI
    _reach(uri)
    try:
        import mlflow
    except ImportError as error:
        raise RegistryUnavailable("MLflow is not installed here") from error
    logging.getLogger("alembic").setLevel(logging.WARNING)
    # It prints a page about an error that it raises as well, and we say in a sentence.
    logging.getLogger("mlflow.store.db.utils").setLevel(logging.CRITICAL)
    with _summarized():
        if uri.startswith("sqlite:///"):
            _make_store(mlflow, Path(uri.removeprefix("sqlite:///")))
        mlflow.set_tracking_uri(uri)
        mlflow.set_registry_uri(uri)
        mlflow.MlflowClient().search_experiments(max_results=1)
    return mlflow


def _make_store(mlflow: Any, path: Path) -> None:
    """A local store with all its tables, or none: MLflow cannot go on with half of them."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}-") as folder:
        mlflow.MlflowClient(f"sqlite:///{folder}/new.db").search_experiments(max_results=1)
        with suppress(FileExistsError):  # another process was faster
            os.link(f"{folder}/new.db", path)


def _reach(uri: str) -> None:
    """Fail soon: MLflow's own client waits for minutes."""
    parts = urlsplit(uri)
    try:
        if parts.scheme in ("http", "https"):
            address = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path.rstrip('/')}"
            urllib.request.urlopen(f"{address}/health", timeout=REACH_TIMEOUT_S).close()  # noqa: S310
        elif parts.hostname:
            socket.create_connection((parts.hostname, parts.port or 5432), REACH_TIMEOUT_S).close()
    except urllib.error.HTTPError:
        pass  # it answers; whether it lets us in is said later
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        raise RegistryUnavailable(f"MLflow does not answer at {_shown(uri)}: {reason}") from error


def _shown(uri: str) -> str:
    return re.sub(r"//[^/@]*@", "//", uri)  # no password on a screen


@contextmanager
def _summarized() -> Iterator[None]:
    """Turn what MLflow, its database or its connection raise into one sentence of ours."""
    import requests
    from mlflow.exceptions import MlflowException
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except (MlflowException, SQLAlchemyError, requests.RequestException, OSError) as error:
        raise RegistryUnavailable(
            f"MLflow at {_shown(settings.MLFLOW_TRACKING_URI)}: {summarize(error)}"
        ) from error


@contextmanager
def _without_warnings() -> Iterator[None]:
    # It advises an input example, which would be read once more, and finds a folder ambiguous.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        yield


def log_training(training: Training) -> Logged:
    """Log a finished training as a run with its model; nothing is registered yet."""
    mlflow = connect()
    with _summarized():
        experiment_id = _experiment(mlflow)
        with (
            _without_warnings(),
            mlflow.start_run(experiment_id=experiment_id, tags=training.tags) as run,
        ):
            mlflow.log_params(training.params)
            mlflow.log_metrics(training.metrics)
            mlflow.log_dict(training.facts, "facts.json")
            for name, figure in training.figures.items():
                mlflow.log_figure(figure, f"plots/{name}")
            for name, text in training.documents.items():
                mlflow.log_text(text, name)
            _log_dataset(mlflow, training)
            info = mlflow.pyfunc.log_model(
                name="model",
                loader_module="mlmodel.sentiment.mlflow_loader",
                data_path=str(training.model_folder),
                signature=_signature(),
                pip_requirements=PIP_REQUIREMENTS,
                metadata=training.facts,
            )
    return Logged(run.info.run_id, info.model_id)


def _experiment(mlflow: Any) -> str:
    name = settings.MLFLOW_MODEL_NAME
    experiment = mlflow.get_experiment_by_name(name)
    if experiment is not None:
        return experiment.experiment_id
    # A server decides itself where artifacts go; beside a local store it must be said once,
    # or it would be the folder that the command happened to be started in.
    is_local = settings.MLFLOW_TRACKING_URI.startswith("sqlite")
    location = Path(settings.MLFLOW_ARTIFACTS).absolute().as_uri() if is_local else None
    return mlflow.create_experiment(name, artifact_location=location)


def end_abandoned_runs() -> None:
    """Close the runs of trainings that were killed while they were logging.

    Only in a store on this machine, for whoever is alone with it: elsewhere a run that is
    not at its end may be somebody's who is logging now.
    """
    if not settings.MLFLOW_TRACKING_URI.startswith("sqlite"):
        return
    mlflow = connect()
    with _summarized():
        client = mlflow.MlflowClient()
        unfinished = client.search_runs(
            [_experiment(mlflow)], "attributes.status = 'RUNNING' and tags.dataset_md5 != ''"
        )
        for run in unfinished:
            client.set_terminated(run.info.run_id, "KILLED")


def _log_dataset(mlflow: Any, training: Training) -> None:
    from mlflow.data.dataset_source_registry import resolve_dataset_source
    from mlflow.data.meta_dataset import MetaDataset

    dataset = MetaDataset(  # type: ignore[abstract]  # it inherits what it leaves out
        source=resolve_dataset_source(str(training.dataset_path)),
        name=training.dataset_name,
        digest=training.dataset_hash,
    )
    mlflow.log_input(dataset, context="training")


def _signature() -> Any:
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, DataType, Schema

    return ModelSignature(
        inputs=Schema([ColSpec(DataType.string, "review")]),
        outputs=Schema([ColSpec(DataType.string, "label"), ColSpec(DataType.double, "p_positive")]),
    )


def open_search(run_id: str | None, *, name: str, tags: dict[str, str]) -> str:
    """The run that holds a search's trials: that one if it is there still, or a new one."""
    mlflow = connect()
    with _summarized():
        client = mlflow.MlflowClient()
        if run_id:
            try:
                return client.get_run(run_id).info.run_id
            except mlflow.exceptions.MlflowException as error:
                if error.error_code != "RESOURCE_DOES_NOT_EXIST":
                    raise
        run = client.create_run(_experiment(mlflow), run_name=name, tags=tags)
    return run.info.run_id


def log_trial(
    parent: str, *, name: str, params: dict[str, Any], metrics: dict[str, float], failed: bool
) -> str:
    """Log one trial as a finished child of its search; its run."""
    mlflow = connect()
    with _summarized():
        client = mlflow.MlflowClient()
        tags = {"mlflow.parentRunId": parent}
        run_id = client.create_run(_experiment(mlflow), run_name=name, tags=tags).info.run_id
        _log(client, run_id, params, metrics)
        client.set_terminated(run_id, "FAILED" if failed else "FINISHED")
    return run_id


def log_search(run_id: str, *, best: dict[str, Any], metrics: dict[str, float]) -> None:
    """Log how far a search has come: MLflow keeps every value of a metric, and tags can change."""
    mlflow = connect()
    with _summarized():
        client = mlflow.MlflowClient()
        for name, value in best.items():
            client.set_tag(run_id, f"best.{name}", str(value))
        _log(client, run_id, {}, metrics)
        client.set_terminated(run_id)


def _log(client: Any, run_id: str, params: dict[str, Any], metrics: dict[str, float]) -> None:
    for name, value in params.items():
        client.log_param(run_id, name, value)
    for name, value in metrics.items():
        client.log_metric(run_id, name, value)


def register(logged: Logged, tags: dict[str, str]) -> str:
    """Make a logged model a version of the registered model; its number."""
    mlflow = connect()
    name = settings.MLFLOW_MODEL_NAME
    with _summarized():
        client = mlflow.MlflowClient()
        if not client.search_registered_models(f"name = '{name}'", max_results=1):
            try:
                client.create_registered_model(name)
            except mlflow.exceptions.MlflowException as error:
                # Another training made it between the look and here.
                if error.error_code != "RESOURCE_ALREADY_EXISTS":
                    raise
        version = client.create_model_version(
            name,
            source=f"models:/{logged.model_id}",
            run_id=logged.run_id,
            model_id=logged.model_id,  # a server insists on it, a local store does not
            tags=tags,
        )
    return str(version.version)


def unregister(version: str) -> None:
    mlflow = connect()
    with _summarized():
        mlflow.MlflowClient().delete_model_version(settings.MLFLOW_MODEL_NAME, version)


def set_alias(version: str, alias: str) -> None:
    move_alias(alias, version)


def move_alias(alias: str, version: str | None) -> None:
    """Give a version a name, taking it from any other; None takes it from all."""
    mlflow = connect()
    with _summarized():
        client = mlflow.MlflowClient()
        if version is None:
            client.delete_registered_model_alias(settings.MLFLOW_MODEL_NAME, alias)
        else:
            client.set_registered_model_alias(settings.MLFLOW_MODEL_NAME, alias, version)


def tag_version(version: str, tags: dict[str, str]) -> None:
    mlflow = connect()
    with _summarized():
        client = mlflow.MlflowClient()
        for name, value in tags.items():
            client.set_model_version_tag(settings.MLFLOW_MODEL_NAME, version, name, value)


def tags_of(version: str) -> dict[str, str]:
    mlflow = connect()
    with _summarized():
        found = mlflow.MlflowClient().get_model_version(settings.MLFLOW_MODEL_NAME, version)
    return found.tags


@contextmanager
def downloaded(version: str) -> Iterator[Path]:
    """A registered version's model folder, for as long as the block lasts."""
    mlflow = connect()
    with tempfile.TemporaryDirectory() as folder:
        with _summarized():
            uri = f"models:/{settings.MLFLOW_MODEL_NAME}/{version}"
            path = Path(mlflow.artifacts.download_artifacts(uri, dst_path=folder))
        yield path
