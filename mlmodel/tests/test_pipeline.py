"""`dvc repro` and `dvc exp run` with the real DVC, in a fresh clone with its own remote."""

import gzip
import json
import os
import sys
from pathlib import Path

import pytest
import yaml
from django.conf import settings

from mlmodel.tests.dvc_repository import DVC, QUIET, run
from mlmodel.tests.labelled import labelled_rows, write_csv
from tests import support

pytestmark = pytest.mark.slow

NOT_INHERITED = ("DATABASE_URL", "DJANGO_SETTINGS_MODULE", "PYTHONPATH", "SECRET_KEY", "VAR_DIR")

RELEASES = """
import json
from mlmodel.models import Release
trained = Release.objects.filter(version__regex="^[0-9]+$").order_by("pk")
print(json.dumps([{"algorithm": each.algorithm, **each.params} for each in trained]))
"""


class Clone:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {k: v for k, v in QUIET.items() if k not in NOT_INHERITED} | {
            # Without .venv, the stages use the Python on the path, as in the image.
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "SHELL": "/bin/sh",
        }

    def run(self, *command: str | Path) -> str:
        return support.run(*command, cwd=self.folder, env=self.environment).stdout

    def dvc(self, *arguments: str | Path) -> str:
        return self.run(*DVC, *arguments)

    def use_remote(self, folder: Path) -> None:
        self.dvc("remote", "modify", "--quiet", "--local", "local", "url", folder)

    def releases(self) -> list[dict]:
        """Return algorithm and parameters of the trained releases, oldest first."""
        return json.loads(self.run(sys.executable, "manage.py", "shell", "-v0", "-c", RELEASES))

    def metrics(self, name: str) -> dict:
        return json.loads((self.folder / "metrics" / f"{name}.json").read_text())


def publish(publisher: Clone, remote: Path) -> None:
    """Do what a person does by hand: create the data, choose the profile, add, push, commit."""
    data = publisher.folder / "data"
    rows = labelled_rows(240, n_movies=40)
    write_csv(data / "train.csv", rows[:200])
    others = write_csv(publisher.folder / "others.csv", rows[200:])
    with gzip.open(data / "unlabelled" / "reviews.csv.gz", "wt") as stream:
        stream.write(others.read_text().replace("tt0", "tt9"))
    others.unlink()
    write_few_short_reviews(data / "short_reviews.csv")
    path = publisher.folder / "params.yaml"
    params = yaml.safe_load(path.read_text())
    params["gate"]["profile"] = "smoke"
    path.write_text(yaml.safe_dump(params))
    publisher.use_remote(remote)
    publisher.dvc("add", "--quiet", "data/train.csv", "data/unlabelled/reviews.csv.gz")
    publisher.dvc("push", "--quiet")
    publisher.run("git", "commit", "--quiet", "--all", "--message", "Publish a dataset")


def write_few_short_reviews(path: Path) -> None:
    header, *lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join([header, *lines[:: len(lines) // 60]]), encoding="utf-8")


@pytest.fixture(scope="module")
def clone(tmp_path_factory) -> Clone:
    """A fresh clone after `dvc pull` and `dvc repro`, committed."""
    root = tmp_path_factory.mktemp("pipeline")
    run(root, "git", "clone", "--quiet", settings.BASE_DIR, "publisher")
    publish(Clone(root / "publisher"), root / "remote")
    run(root, "git", "clone", "--quiet", root / "publisher", "clone")
    fresh = Clone(root / "clone")
    (fresh.folder / ".env").write_text("DEBUG=true\nSECRET_KEY=pipeline\n")
    fresh.use_remote(root / "remote")
    fresh.dvc("pull")
    fresh.dvc("checkout")
    (fresh.folder / "var").mkdir()
    fresh.run(sys.executable, "manage.py", "migrate", "--verbosity=0")
    fresh.dvc("repro")
    fresh.run("git", "add", "dvc.lock", "metrics")
    fresh.run("git", "commit", "--quiet", "--message", "Train a release")
    return fresh


def test_repro_checks_trains_and_runs_the_gate(clone):
    assert clone.metrics("dataset")["reviews"] == 200
    assert clone.metrics("training")["release"] == "1"
    gate = clone.metrics("gate")
    assert (gate["version"], gate["profile"], type(gate["passed"])) == ("1", "smoke", bool)


def test_the_release_is_trained_as_params_yaml_says(clone):
    release = clone.releases()[0]
    assert (release["algorithm"], release["refit"]) == ("nb-logistic", True)
    assert release["unlabelled"] == 40
    assert release["short_reviews"] > 20


def test_nothing_is_out_of_date_after_repro(clone):
    assert "up to date" in clone.dvc("status")


def test_an_experiment_with_another_algorithm_lands_in_the_same_store(clone):
    before = clone.releases()
    clone.dvc("exp", "run", "-S", "train.algorithm=logistic")
    assert [each["algorithm"] for each in clone.releases()[len(before) :]] == ["logistic"]
    assert "train.algorithm" in clone.dvc("params", "diff")
    assert "release" in clone.dvc("metrics", "diff")
    clone.run("git", "checkout", "--quiet", ".")


def test_an_experiment_in_a_copy_lands_in_the_same_store(clone):
    before = clone.releases()
    clone.dvc(
        "exp", "run", "--temp", "-S", "train.algorithm=logistic", "-S", "train.seed=1", "train"
    )
    assert [each["algorithm"] for each in clone.releases()[len(before) :]] == ["logistic"]
    assert clone.metrics("training")["release"] == "1"  # the workspace is as it was


def test_without_unlabelled_reviews_the_stage_names_the_switch(clone):
    file = clone.folder / "data" / "unlabelled" / "reviews.csv.gz"
    content = file.read_bytes()
    file.unlink()
    command = [*DVC, "repro", "--single-item", "train"]
    done = support.run(*command, cwd=clone.folder, env=clone.environment, check=False)
    file.write_bytes(content)
    assert done.returncode != 0
    assert "in params.yaml, `unlabelled: false`" in done.stderr


def test_the_switch_leaves_out_the_unlabelled_reviews(clone):
    path = clone.folder / "params.yaml"
    before = path.read_text()
    path.write_text(before.replace("unlabelled: true", "unlabelled: false"))
    commands = clone.dvc("repro", "--dry", "--single-item", "train")
    path.write_text(before)
    assert "manage.py train" in commands
    assert "--unlabelled" not in commands
