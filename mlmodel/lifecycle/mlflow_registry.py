"""MLflow's tracking server and registry: log runs, register versions, name the champion."""

import json
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
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from common.locks import exclusive
from common.sqlite_files import sqlite_url
from mlmodel.error_summary import summarize
from mlmodel.lifecycle import mlflow_store
from mlmodel.lifecycle.mlflow_store import RegistryUnavailable as RegistryUnavailable
from mlmodel.sentiment.errors import ModelUnavailable, SentimentError

CHAMPION, CHALLENGER = "champion", "challenger"
REACH_TIMEOUT_S = 4
# Read by MLflow when it is imported; variables of the environment take precedence.
ENVIRONMENT = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "MLFLOW_LOGGING_LEVEL": "WARNING",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
}
# MLflow's own switch: a run then has the use of processor, memory, disk and network.
SYSTEM_METRICS = "MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING"
# Shown in the registry: the signature says neither what goes in nor what a label is.
DESCRIPTION = (
    "Sentiment of movie reviews. Input: texts, as a list or in a column `review`. Output, a row "
    "for each: `label` (positive, negative or unreadable) and `p_positive`, the calibrated "
    "probability that the review is positive."
)
GATE_REPORT = "gate.json"  # an artifact of the run of a release


@dataclass(frozen=True, slots=True)
class Logged:
    run_id: str
    model_id: str


def connect() -> Any:
    """Return the ``mlflow`` module, set up for this site's store.

    Raises
    ------
    RegistryUnavailable
        If it is not installed or does not answer within ``REACH_TIMEOUT_S``.
    """
    uri = settings.MLFLOW_TRACKING_URI
    _reach(uri)
    mlflow = load_api().mlflow
    logging.getLogger("alembic").setLevel(logging.WARNING)
    # Repeated requests; the last failure is raised.
    logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)
    # It prints a page about each error that it raises.
    logging.getLogger("mlflow.store.db.utils").setLevel(logging.CRITICAL)
    with summarize_errors():
        if store := mlflow_store.site_store():
            _make_store(mlflow, store)
            mlflow_store.check_tables(store, load_api().table_revisions())
            mlflow_store.relocate(
                store,
                experiment=settings.MLFLOW_MODEL_NAME,
                artifacts=Path(settings.MLFLOW_ARTIFACTS),
            )
        mlflow.set_tracking_uri(uri)
        mlflow.set_registry_uri(uri)
        mlflow.MlflowClient().search_experiments(max_results=1)
    return mlflow


@contextmanager
def open_client() -> Iterator[Any]:
    """Yield a client of the site's store; errors in the block are ``RegistryUnavailable``."""
    mlflow = connect()
    with summarize_errors():
        yield mlflow.MlflowClient()


def load_api() -> Any:
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    try:
        # Start-up cost: two seconds. The web image does not contain MLflow.
        from mlmodel.lifecycle import mlflow_api  # noqa: PLC0415
    except ImportError as error:
        raise RegistryUnavailable("MLflow is not installed here") from error
    if "%" in mlflow_api.mlflow.__file__:  # Alembic takes it for a reference to a setting
        raise RegistryUnavailable(
            "MLflow does not work in a folder whose path contains %: move the checkout, or its "
            f".venv ({mlflow_api.mlflow.__file__})"
        )
    return mlflow_api


def _make_store(mlflow: Any, path: Path) -> None:
    """Create a local store with all its tables, or none: MLflow cannot complete a part of them."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}-") as folder:
        new = Path(folder) / "new.db"
        mlflow.MlflowClient(sqlite_url(new)).search_experiments(max_results=1)
        with suppress(FileExistsError):  # another process was faster
            os.link(new, path)


def upgrade_store() -> str:
    """Upgrade the tables of a store without a server; return a sentence, "" if they are current.

    A server's store is upgraded where the server runs.
    """
    try:
        path = mlflow_store.site_store()
        if path is None or not path.exists():
            return ""
        api = load_api()
        with summarize_errors(), exclusive(settings.VAR_DIR / "registry.lock"):
            backup = mlflow_store.upgrade_tables(
                path, api.table_revisions(), upgrade=api.upgrade_tables
            )
    except RegistryUnavailable as error:
        return f"The MLflow store may be outdated: {error}."
    return f"The MLflow store was upgraded; {backup} is a copy of the old one." if backup else ""


def _reach(uri: str) -> None:
    """Fail early: MLflow's own client waits for minutes."""
    parts = urlsplit(uri)
    try:
        if parts.scheme in ("http", "https"):
            address = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path.rstrip('/')}"
            urllib.request.urlopen(f"{address}/health", timeout=REACH_TIMEOUT_S).close()  # noqa: S310
        elif parts.hostname:
            socket.create_connection((parts.hostname, parts.port or 5432), REACH_TIMEOUT_S).close()
    except urllib.error.HTTPError:
        pass  # it answers; MLflow's client raises if we may not use it
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        raise RegistryUnavailable(
            f"MLflow does not answer at {_shown(uri)}: {reason}. After an update its server starts "
            "only once `mlflow db upgrade` has run, where the server runs"
        ) from error


def _shown(uri: str) -> str:
    return re.sub(r"//[^/@]*@", "//", uri)  # no password on a screen


@contextmanager
def summarize_errors() -> Iterator[None]:
    """Raise errors of MLflow, its database or its connection as ``RegistryUnavailable``."""
    try:
        yield
    except load_api().ERRORS as error:
        raise RegistryUnavailable(
            f"MLflow at {_shown(settings.MLFLOW_TRACKING_URI)}: {summarize(error)}"
        ) from error


@contextmanager
def without_warnings() -> Iterator[None]:
    # It calls the dataset's path ambiguous.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        yield


def log_outcome(
    *,
    metrics: dict[str, float],
    artifacts: Path,
    model_folder: Path,
    record: dict[str, Any],
) -> Logged:
    """Log what a training produced with the active run; register nothing.

    ``record`` is stored in the model folder; a release can be created from it.
    """
    mlflow = connect()
    with summarize_errors(), without_warnings():
        mlflow.log_metrics(metrics)
        mlflow.log_artifacts(str(artifacts))
        with load_api().pyfunc_model(model_folder) as model:
            info = mlflow.pyfunc.log_model(name="model", metadata=record, **model)
        return Logged(mlflow.active_run().info.run_id, info.model_id)


def site_experiment(client: Any) -> str:
    name = settings.MLFLOW_MODEL_NAME
    experiment = client.get_experiment_by_name(name)
    if experiment is not None:
        return experiment.experiment_id
    # A server has a place for artifacts; a local store would use the current folder.
    is_local = settings.MLFLOW_TRACKING_URI.startswith("sqlite")
    location = Path(settings.MLFLOW_ARTIFACTS).absolute().as_uri() if is_local else None
    return client.create_experiment(name, artifact_location=location)


def logs_system_metrics() -> bool:
    with summarize_errors():
        try:
            return bool(load_api().MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING.get())
        except ValueError as error:
            raise RegistryUnavailable(f"{SYSTEM_METRICS} must be true or false") from error


def has_run(client: Any, run_id: str) -> bool:
    """Return whether the store has the run and it is not deleted."""
    try:
        return client.get_run(run_id).info.lifecycle_stage == "active"
    except load_api().MlflowException as error:
        if error.error_code != "RESOURCE_DOES_NOT_EXIST":
            raise
        return False


def open_search(run_id: str | None, *, name: str, tags: dict[str, str]) -> str:
    """Return the run for a search's trials: the given one if it still exists, else a new one."""
    with open_client() as client:
        if run_id and has_run(client, run_id):
            return run_id
        run = client.create_run(site_experiment(client), run_name=name, tags=tags)
    return run.info.run_id


def log_trial(
    parent: str, *, name: str, params: dict[str, Any], metrics: dict[str, float], failed: bool
) -> str:
    """Log one trial as a finished child of its search, and return its run."""
    with open_client() as client:
        tags = {"mlflow.parentRunId": parent}
        run_id = client.create_run(site_experiment(client), run_name=name, tags=tags).info.run_id
        _log(client, run_id, params, metrics)
        client.set_terminated(run_id, "FAILED" if failed else "FINISHED")
    return run_id


def log_search(run_id: str, *, best: dict[str, Any], metrics: dict[str, float]) -> None:
    """Log the progress of a search: metrics keep their history, tags the latest value."""
    with open_client() as client:
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
    """Register a logged model as a version, and return its number."""
    name = settings.MLFLOW_MODEL_NAME
    with open_client() as client:
        if not has_model(client, name):
            try:
                client.create_registered_model(name, description=DESCRIPTION)
            except load_api().MlflowException as error:
                # Another training has created it in the meantime.
                if error.error_code != "RESOURCE_ALREADY_EXISTS":
                    raise
        version = client.create_model_version(
            name,
            source=f"models:/{logged.model_id}",
            run_id=logged.run_id,
            model_id=logged.model_id,  # required by a server, not by a local store
            tags=tags,
        )
    return str(version.version)


def unregister(version: str) -> None:
    with open_client() as client:
        client.delete_model_version(settings.MLFLOW_MODEL_NAME, version)


def move_alias(alias: str, version: str) -> None:
    with open_client() as client:
        client.set_registered_model_alias(settings.MLFLOW_MODEL_NAME, alias, version)


def has_model(client: Any, name: str) -> bool:
    return bool(client.search_registered_models(f"name = '{name}'", max_results=1))


def has_version(client: Any, name: str, version: str) -> bool:
    """Return whether the version is registered; a model that came with the code is not."""
    if not version.isdecimal():
        return False
    try:
        return client.get_model_version(name, version).version is not None
    except load_api().MlflowException as error:
        if error.error_code != "RESOURCE_DOES_NOT_EXIST":
            raise
        return False


def store_gate_report(version: str, report: dict[str, Any]) -> None:
    """Store the gate's report as an artifact of the version's run, and its result as a tag."""
    name = settings.MLFLOW_MODEL_NAME
    with open_client() as client:
        run_id = client.get_model_version(name, version).run_id
        client.log_dict(run_id, report, GATE_REPORT)
        passed = "smoke test only" if report["profile"] == "smoke" else "passed"
        result = passed if report["passed"] else "refused"
        client.set_model_version_tag(name, version, "gate", result)


def load_gate_report(version: str) -> dict[str, Any]:
    """Return the gate's report on a version; empty if the gate has not checked it."""
    mlflow = connect()
    with summarize_errors():
        found = mlflow.MlflowClient().get_model_version(settings.MLFLOW_MODEL_NAME, version)
        if "gate" not in found.tags:
            return {}
        try:
            if "gate_report" in found.tags:  # stored so by earlier versions of the code
                return json.loads(found.tags["gate_report"])
            return mlflow.artifacts.load_dict(f"runs:/{found.run_id}/{GATE_REPORT}")
        except ValueError as error:
            raise SentimentError(
                f"the gate's report on version {version} is damaged: {error}"
            ) from error


@contextmanager
def downloaded(version: str) -> Iterator[Path]:
    """Download the model folder of a registered version for the duration of the block.

    Raises
    ------
    ModelUnavailable
        If it is missing or damaged, also if the block finds that; it names the registered version.
    """
    mlflow, uri = connect(), f"models:/{settings.MLFLOW_MODEL_NAME}/{version}"
    with tempfile.TemporaryDirectory() as folder:
        with summarize_errors():
            path = Path(mlflow.artifacts.download_artifacts(uri, dst_path=folder))
        if not any(path.iterdir()):
            raise ModelUnavailable(
                f"{uri} has no files in MLflow's artifacts: restore them from a backup, or train "
                "again"
            )
        try:
            yield path
        except ModelUnavailable as error:
            raise ModelUnavailable(str(error).replace(str(path), uri)) from error
