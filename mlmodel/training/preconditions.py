"""What a training or a search needs, checked before it starts to compute."""

import importlib.util
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from mlmodel.error_summary import summarize
from mlmodel.lifecycle import mlflow_registry
from mlmodel.lifecycle.lineage import git, git_state
from mlmodel.lifecycle.training_run import registry_lock
from mlmodel.sentiment.errors import SentimentError

# A model is written three times: before it is logged, as an artifact, and into the model store.
MIN_FREE_BYTES = 100_000_000
FREE_PER_DATASET_BYTE = 3

Progress = Callable[[str], None]


class PreconditionFailed(SentimentError):
    """Something must be done before a training can start; the message says what."""


def check_training(dataset: Path, progress: Progress = lambda _: None) -> None:
    """Check what a training needs, so that it fails before its minutes of computing, not after.

    Raises
    ------
    PreconditionFailed
        If the database is not migrated, or a folder is not writable or on a full disk.
    RegistryUnavailable
        If MLflow cannot be used.
    """
    check_database()
    check_folders({"MODEL_STORE": settings.MODEL_STORE, **_search_folders()}, dataset)
    check_mlflow(progress)
    if warning := missing_commit():
        progress(warning)


def check_search(dataset: Path, progress: Progress = lambda _: None) -> None:
    """Check what a search needs, which writes neither releases nor models.

    Errors are those of ``check_training``.
    """
    check_folders(_search_folders(), dataset)
    check_mlflow(progress)


def _search_folders() -> dict[str, Path]:
    return {"VAR_DIR": settings.VAR_DIR, "TMPDIR": Path(tempfile.gettempdir())}


def check_database() -> None:
    try:
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes("mlmodel"))
    except DatabaseError as error:
        raise PreconditionFailed(
            f"the database cannot be used: {summarize(error)}; check DATABASE_URL"
        ) from error
    if missing:
        raise PreconditionFailed(
            "the database is not migrated, and a trained model could not be recorded: "
            "run `manage.py migrate` first"
        )


def check_folders(folders: dict[str, Path], dataset: Path) -> None:
    for setting, folder in folders.items():
        check_writable(setting, folder)
    check_space(folders, dataset)


def check_writable(setting: str, folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise PreconditionFailed(
            f"{setting} is not writable: {error.strerror or error} at {folder}; "
            f"make it writable, or set {setting} to another folder"
        ) from error


def check_space(folders: dict[str, Path], dataset: Path) -> None:
    size = dataset.stat().st_size if dataset.exists() else 0
    needed = max(MIN_FREE_BYTES, FREE_PER_DATASET_BYTE * size)
    for setting, folder in folders.items():
        free = shutil.disk_usage(folder).free
        if free < needed:
            raise PreconditionFailed(
                f"the disk of {folder} has {_megabytes(free)} free, and {_megabytes(needed)} "
                f"are needed: make room, or set {setting} to a folder on another disk"
            )


def _megabytes(n_bytes: int) -> str:
    return f"{n_bytes / 1e6:,.0f} MB"


def check_mlflow(progress: Progress = lambda _: None) -> None:
    with registry_lock(progress):
        mlflow_registry.connect()  # the first training on a machine creates the store's tables
    if mlflow_registry.logs_system_metrics() and not importlib.util.find_spec("psutil"):
        raise PreconditionFailed(
            f"{mlflow_registry.SYSTEM_METRICS} needs psutil: "
            "run `pip install psutil`, or unset the variable"
        )


def missing_commit() -> str:
    """Return why a release of this code would name no commit, or an empty string.

    An image has no git; its build records the commit in ``GIT_COMMIT``.
    """
    if git_state(settings.BASE_DIR)[0]:
        return ""
    try:
        git(settings.BASE_DIR, "rev-parse", "HEAD")
    except OSError:
        reason = "git is not installed"
    except subprocess.CalledProcessError as error:
        reason = "there is no commit yet" if _is_repository() else _first_line(error.stderr)
    return (
        f"the release will name no commit of its code: {reason}; "
        "train in a git checkout with a commit, or set GIT_COMMIT"
    )


def _is_repository() -> bool:
    try:
        return bool(git(settings.BASE_DIR, "rev-parse", "--git-dir"))
    except subprocess.CalledProcessError:
        return False


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0]
