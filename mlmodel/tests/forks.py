"""Run commands that are killed, run at once or have a full disk, each in a fork.

``python -m mlmodel.tests.forks train|dataset|full FOLDER`` prints their state afterwards as JSON.
It forks because importing Django and MLflow takes longer than the tests.
"""

import importlib
import io
import itertools
import json
import multiprocessing
import os
import pkgutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

IMPORTED_ONCE = (
    "mlflow.pyfunc",
    "mlflow.store.model_registry.sqlalchemy_store",
    "mlflow.store.tracking.sqlalchemy_store",
    "mlmodel.training.train",
)
STORE = "the tables of the store are made"
# Where the process is killed: before or after a call of a function.
TRAIN_POINTS = {
    STORE: ("alembic.command.upgrade", "before"),
    "the training has begun": ("mlmodel.sentiment.training.classifier.train", "before"),
    "the run has no model yet": ("mlflow.pyfunc.log_model", "before"),
    "the run is logged": ("mlmodel.lifecycle.mlflow_registry.log_outcome", "after"),
    "the version is registered": ("mlmodel.lifecycle.mlflow_registry.register", "after"),
    "the model is half-way into the store": ("mlmodel.lifecycle.model_store.os.rename", "before"),
    "the model is in the store": ("mlmodel.lifecycle.model_store.ModelStore.add", "after"),
    "the release is recorded": ("mlmodel.lifecycle.releases.record", "after"),
    "the alias is set": ("mlmodel.lifecycle.mlflow_registry.move_alias", "after"),
}
FREE_KB = (0, 100, 200)  # a training writes about 400
# A dataset is written by three renames: the rows, the record, the report.
DATASET_POINTS = {
    f"{when} rename {number}": ("mlmodel.sentiment.io.files.os.replace", when, number)
    for number in (1, 2, 3)
    for when in ("before", "after")
}


def die_at(target: str, when: str, number: int = 1) -> None:
    """Kill this process at the ``number``-th call of a function."""
    owner_name, name = target.rsplit(".", 1)
    if owner_name.endswith(".os"):  # only this module's os
        module = importlib.import_module(owner_name.removesuffix(".os"))
        owner = module.os = SimpleNamespace(**vars(os))
    else:
        owner = pkgutil.resolve_name(owner_name)
    original, calls = getattr(owner, name), []

    def dying(*args: Any, **kwargs: Any) -> Any:
        calls.append(name)
        if len(calls) == number and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = original(*args, **kwargs)
        if len(calls) == number:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(owner, name, dying)


class Fork:
    """A copy of this process that does one thing."""

    def __init__(self, do: Callable[[], Any]) -> None:
        context = multiprocessing.get_context("fork")
        self.receiver, sender = context.Pipe(duplex=False)
        self.process = context.Process(target=lambda: sender.send(do()))
        self.process.start()
        sender.close()

    def wait(self) -> tuple[int, Any]:
        """Return the signal that ended it (0 for none), and what it returned."""
        with suppress(EOFError):
            answer = self.receiver.recv()
        self.process.join()
        if not self.process.exitcode:
            return 0, answer
        if self.process.exitcode > 0:
            raise SystemExit("a command failed; see its traceback above")
        return -self.process.exitcode, None


def in_fork(do: Callable[[], Any]) -> tuple[int, Any]:
    return Fork(do).wait()


def killed(point: tuple, do: Callable[[], Any]) -> int:
    def dying() -> None:
        die_at(*point)
        do()

    return in_fork(dying)[0]


def train_state() -> dict[str, Any]:
    from django.conf import settings

    from mlmodel.lifecycle import mlflow_registry, releases
    from mlmodel.models import Release
    from mlmodel.sentiment.io.model_folder import folder_checksum

    champion = Release.objects.champion()
    broken = [
        release.version
        for release in Release.objects.all()
        if folder_checksum(settings.MODEL_STORE / release.checksum) != release.checksum
    ]
    state = {
        "champion": champion and champion.version,
        "broken": broken,
        "store": Path(settings.VAR_DIR / "mlflow.db").exists(),
    }
    if not state["store"]:
        return state
    client = mlflow_registry.connect().MlflowClient()
    numbers = [str(v.version) for v in client.search_model_versions("name = 'sentiment'")]
    experiments = [e.experiment_id for e in client.search_experiments()]
    statuses = [run.info.status for run in client.search_runs(experiments)]
    loadable = [releases.find(number).version for number in numbers]
    return state | {"versions": numbers, "loadable": loadable, "runs": dict(Counter(statuses))}


def trainings(folder: Path) -> Iterator[Callable[[], None]]:
    """Prepare a database and the slow imports, then yield trainings without end."""
    from django.conf import settings
    from django.core.management import call_command

    from mlmodel.lifecycle import mlflow_registry
    from mlmodel.tests.labelled import labelled_rows, write_csv

    settings.VAR_DIR.mkdir()
    os.environ |= mlflow_registry.ENVIRONMENT
    for module in IMPORTED_ONCE:
        importlib.import_module(module)
    dataset = write_csv(folder / "reviews.csv", labelled_rows(120, n_movies=30))
    in_fork(lambda: call_command("migrate", verbosity=0))
    options = {"dataset": dataset, "algorithm": "logistic", "no_pull": True, "profile": "smoke"}
    for seed in itertools.count():  # another seed, another model file
        yield partial(call_command, "train", stdout=io.StringIO(), seed=seed, **options)


def kill_trainings(folder: Path) -> dict[str, Any]:
    from mlmodel.models import Release

    training = trainings(folder)
    points = dict(TRAIN_POINTS)
    left = {STORE: {"signal": killed(points.pop(STORE), next(training)), **in_fork(train_state)[1]}}
    together = [Fork(next(training)) for _ in range(2)]
    for fork in together:
        fork.wait()
    left["together"] = in_fork(train_state)[1]
    in_fork(lambda: str(Release.objects.get(version="1").promote()))
    for name, point in points.items():
        left[name] = {"signal": killed(point, next(training)), **in_fork(train_state)[1]}
    in_fork(next(training))
    return left | {"afterwards": in_fork(train_state)[1]}


def fill_disk(folder: Path) -> list[dict[str, Any]]:
    """Mount a small disk at ``folder`` and train with little free space."""
    from django.core.management import CommandError

    from mlmodel.models import Release
    from mlmodel.training import preconditions

    def complaint(train: Callable[[], None]) -> str:
        try:
            train()
        except CommandError as error:
            return str(error)
        return ""

    # The check before the training would refuse to start on this small disk.
    preconditions.MIN_FREE_BYTES = preconditions.FREE_PER_DATASET_BYTE = 0
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "none", str(folder)], check=True)
    training = trainings(folder)
    in_fork(next(training))
    in_fork(lambda: str(Release.objects.get(version="1").promote()))
    states = []
    for free_kb in FREE_KB:
        size = os.statvfs(folder).f_bavail * os.statvfs(folder).f_frsize - free_kb * 1024
        (folder / "filler").write_bytes(b"x" * size)
        error = in_fork(partial(complaint, next(training)))[1]
        (folder / "filler").unlink()
        states.append({"free_kb": free_kb, "error": error, **in_fork(train_state)[1]})
    in_fork(next(training))
    return [*states, {"error": "", **in_fork(train_state)[1]}]


def kill_datasets(folder: Path) -> dict[str, Any]:
    from django.core.management import call_command

    from mlmodel.lifecycle.lineage import file_md5, version_name
    from mlmodel.sentiment.data import datasets
    from mlmodel.tests.labelled import labelled_rows, write_csv

    datasets.SIZES |= {1: 20, 2: 40}
    write_csv(folder / "full_dataset.csv", labelled_rows(40))
    target = folder / "train.csv"

    def build(version: int) -> None:
        call_command("dataset", str(version), stdout=io.StringIO())

    def state() -> dict[str, Any]:
        n_rows = len(target.read_text().splitlines()) - 1
        return {"rows": n_rows, "version": version_name(target, file_md5(target))}

    left = {}
    for name, point in DATASET_POINTS.items():
        in_fork(lambda: build(1))
        left[name] = {"signal": killed(point, lambda: build(2)), **state()}
    in_fork(lambda: build(2))
    files = sorted(path.name for path in folder.iterdir() if path.is_file())
    return left | {"afterwards": {**state(), "files": files}}


if __name__ == "__main__":
    import django

    django.setup()
    scenarios = {"train": kill_trainings, "dataset": kill_datasets, "full": fill_disk}
    scenario = scenarios[sys.argv[1]]
    sys.stdout.write(json.dumps(scenario(Path(sys.argv[2]))))
