"""What a training produced: a folder from which it is logged and registered."""

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DatabaseError
from matplotlib.figure import Figure

from mlmodel.error_summary import summarize
from mlmodel.lifecycle import mlflow_registry, releases
from mlmodel.lifecycle.training_run import Plan, registry_lock, training_run
from mlmodel.models import Release
from mlmodel.sentiment.errors import SentimentError

DESCRIPTION = "training.json"
EXPECTED = (SentimentError, OSError, DatabaseError)

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Outcome:
    """A folder with ``model/``, the run's ``artifacts/`` and ``training.json``."""

    folder: Path
    run_id: str
    plan: Plan

    @property
    def model_folder(self) -> Path:
        return self.folder / "model"

    @property
    def artifacts(self) -> Path:
        return self.folder / "artifacts"

    def write(
        self,
        *,
        record: dict[str, Any],
        metrics: dict[str, float],
        documents: Mapping[str, str],
        figures: Mapping[str, Figure],
    ) -> None:
        """Write everything but the model.

        ``record`` is stored in the model folder; a release can be created from it.
        """
        description = {
            "run_id": self.run_id,
            "plan": asdict(self.plan),
            "metrics": metrics,
            "record": record,
        }
        _write_text(self.folder / DESCRIPTION, json.dumps(description, indent=1))
        _write_text(self.artifacts / "facts.json", json.dumps(record, indent=1))
        for name, text in documents.items():
            _write_text(self.artifacts / name, text)
        for name, figure in figures.items():
            path = self.artifacts / "plots" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            figure.savefig(path)

    def description(self) -> dict[str, Any]:
        return json.loads((self.folder / DESCRIPTION).read_text(encoding="utf-8"))

    @classmethod
    def read(cls, folder: Path) -> "Outcome":
        """Read a folder that a failed registration kept.

        Raises
        ------
        SentimentError
            If it is none.
        """
        path = folder / DESCRIPTION
        try:
            values = json.loads(path.read_text(encoding="utf-8"))
            return cls(folder, values["run_id"], Plan.from_dict(values["plan"]))
        except FileNotFoundError as error:
            raise SentimentError(f"{folder} holds no trained model: no {DESCRIPTION}") from error
        except (OSError, ValueError, LookupError, TypeError) as error:
            raise SentimentError(f"{path} is damaged: {summarize(error)}") from error


def _write_text(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def register(outcome: Outcome, progress: Progress = lambda _: None) -> Release:
    """Log a finished training, and register it as challenger: completely or not at all.

    Raises
    ------
    SentimentError
        If that fails. The message says where the trained model is kept.
    """
    try:
        with registry_lock(progress):
            progress("logging the run")
            description = outcome.description()
            logged = mlflow_registry.log_outcome(
                metrics=description["metrics"],
                artifacts=outcome.artifacts,
                model_folder=outcome.model_folder,
                record=description["record"],
            )
            return _release(logged, outcome.plan.tags)
    except Exception as error:  # no error may lose what took minutes to train
        kept = _keep(outcome)
        if isinstance(error, EXPECTED):
            raise SentimentError(f"{summarize(error)}; {kept}") from error
        error.add_note(kept)
        raise


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


def _keep(outcome: Outcome) -> str:
    """Copy the folder to where it stays, and return a sentence that says what to do with it."""
    target = settings.VAR_DIR / "unregistered" / outcome.run_id
    if outcome.folder.resolve() != target.resolve():
        try:
            shutil.copytree(outcome.folder, target, dirs_exist_ok=True)
        except OSError:
            shutil.rmtree(target, ignore_errors=True)
            return "the trained model could not be kept"
    return f"the trained model is kept: repair that, then run `manage.py register {target}`"


def register_kept(folder: Path, progress: Progress = lambda _: None) -> Release:
    """Register a training that could not be registered when it ended, and remove its folder."""
    outcome = Outcome.read(folder)
    with training_run(outcome.plan, run_id=outcome.run_id, progress=progress):
        release = register(outcome, progress)
    shutil.rmtree(folder)
    return release
