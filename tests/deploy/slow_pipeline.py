"""The Jenkinsfile's sh steps, run in order in a clone of the repository, with the demo data."""

import gzip
import hashlib
import json
import os
import re
import shutil
from pathlib import Path

import pytest
from django.conf import settings

from tests.deploy.jenkins_steps import JENKINSFILE, commands_of
from tests.support import free_port, run, running

ROOT = Path(settings.BASE_DIR)
CHECK_TARGET = "migrations"  # instead of `make check`, which CI runs anyway
ENVIRONMENTS = (".venv", ".venv-deploy")
# Set by `make deploy-check ARGS=...` or a developer's shell, and not meant for the pipeline.
NOT_INHERITED = ("DJANGO_SETTINGS_MODULE", "DATABASE_URL", "SECRET_KEY", "MAKEFLAGS", "ARGS")
DATA = ("data/train.csv", "data/unlabelled/reviews.csv.gz")
UNLABELLED = ("music", "ending", "plot", "cast", "script", "photography")


class Workspace:
    def __init__(self, folder: Path) -> None:
        self.folder = folder / "workspace"
        self.history = folder / "history"
        self.remote = folder / "dvc-remote"
        self.registry = folder / "registry"
        self.environment = {
            name: value for name, value in os.environ.items() if name not in NOT_INHERITED
        } | {
            "BUILD": "build-7",
            "CHECK_TARGET": CHECK_TARGET,
            "BRANCH_NAME": "main",
            "IMAGE": "rotten-potatoes",
            "INVENTORY": "inventory/minikube",
            "SITE_URL": "http://localhost",
            "MAIL_TO": "crew@potatoes.example",
            "TRAINING_HISTORY": str(self.history),
            "VAR_DIR": str(self.history),
            "BACKUP_DIR": str(folder / "copies"),
            "DEBUG": "true",
            "DOTENV": os.devnull,
            "DVC_REMOTE_URL": str(self.remote),
            "BUILDER": "folder",
            "REGISTRY": str(self.registry),
            "DVC_NO_ANALYTICS": "1",
        }

    def run(self, *command: str) -> str:
        return run(*command, cwd=self.folder, env=self.environment).stdout

    def stage(self, name: str) -> str:
        return "".join(self.run("sh", "-c", command) for command in commands_of(name))


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    made = Workspace(tmp_path_factory.mktemp("pipeline"))
    run("git", "clone", "--quiet", ROOT, made.folder)
    for name in ENVIRONMENTS:
        if (ROOT / name).exists():
            (made.folder / name).symlink_to(ROOT / name)
    # Older than what is installed: make must not install into the environment it borrows.
    for path in made.folder.glob("requirements*.txt"):
        os.utime(path, (0, 0))
    push_demo_data(made)
    return made


def push_demo_data(made: Workspace) -> None:
    """Do what a person does by hand: create the data, `dvc add`, `dvc push`, commit."""
    data, dvc = made.folder / "data", str(made.folder / ".venv" / "bin" / "dvc")
    shutil.copy(data / "demo_reviews.csv", data / "train.csv")
    with gzip.open(data / "unlabelled" / "reviews.csv.gz", "wt") as stream:
        stream.write("review,sentiment\n")
        stream.writelines(f"The {word} is what I remember of it.,\n" for word in UNLABELLED)
    parameters = made.folder / "params.yaml"
    parameters.write_text(parameters.read_text().replace("profile: release", "profile: smoke"))
    made.run(dvc, "add", "--quiet", *DATA)
    made.run(dvc, "remote", "modify", "--quiet", "--local", "local", "url", str(made.remote))
    made.run(dvc, "push", "--quiet", *DATA)
    identity = ("-c", "user.name=CI", "-c", "user.email=ci@potatoes.example")
    made.run("git", *identity, "commit", "--quiet", "--all", "--message", "Train on the demo data")
    for gone in (*DATA, ".dvc/config.local"):
        (made.folder / gone).unlink()
    shutil.rmtree(made.folder / ".dvc" / "cache")


@pytest.fixture(scope="module")
def live(workspace):
    """Run the stages up to Build, and start what was built."""
    old_file = workspace.folder / "var" / "build" / "gate.json"
    old_file.parent.mkdir(parents=True)
    old_file.touch()
    workspace.stage("Checkout")
    assert not old_file.exists()
    for stage in ("Check", "Data", "Train", "Gate", "Build"):
        workspace.stage(stage)
    port = free_port()
    environment = workspace.environment | {
        "BIND": f"127.0.0.1:{port}",
        "VAR_DIR": str(workspace.folder / "site"),
        "SITE_URL": f"http://127.0.0.1:{port}",
    }
    start = workspace.registry / "rotten-potatoes" / "build-7" / "start"
    (workspace.folder / "site").mkdir()
    workspace.environment["SITE_URL"] = environment["SITE_URL"]
    with running(start, env=environment):
        yield workspace


def test_the_pipeline_ends_with_a_site_that_serves_the_trained_model(live):
    output = live.stage("Smoke test")
    assert f"{live.environment['SITE_URL']} works." in output
    assert "Release 1 is the champion." in output


def test_the_data_is_fetched_from_the_dvc_remote(live):
    pulled = (live.folder / "data" / "train.csv").read_bytes()
    assert pulled == (ROOT / "data" / "demo_reviews.csv").read_bytes()
    assert (live.remote / "files" / "md5").is_dir()


def test_the_release_is_trained_as_params_yaml_says(live):
    metadata = json.loads((live.folder / "metrics" / "training.json").read_text())
    assert metadata["release"] == "1"
    assert "--refit --unlabelled" in (live.folder / "dvc.lock").read_text()


def test_the_image_is_labelled_with_commit_and_data(live):
    build = live.registry / "rotten-potatoes" / "build-7"
    commit = live.run("git", "rev-parse", "HEAD").strip()
    data = hashlib.md5((live.folder / "data" / "train.csv").read_bytes()).hexdigest()
    assert (build.parent / commit).resolve() == build
    assert f"DATA_HASH={data}" in (build / "labels.txt").read_text()


def test_unchanged_data_and_code_are_not_trained_on_again(live):
    live.stage("Model")  # it fails if something changed


def test_the_build_report_contains_the_gates_results(live):
    live.run("make", "build-report")
    report = (live.folder / "var" / "build" / "report.txt").read_text()
    lines = json.loads((live.folder / "var/build/gate.json").read_text())["lines"]
    assert "build-7" in report
    assert "Branch: main" in report
    assert all(line["name"] in report for line in lines)


def test_the_training_history_is_backed_up(live):
    live.stage("Backup")
    [copy] = (live.folder.parent / "copies").glob("*Z")
    manifest = json.loads((copy / "manifest.json").read_text())
    assert {"site.sqlite3", "models.tar.gz", "mlflow.db"} <= manifest["files"].keys()


def test_changed_data_is_trained_on_again(live):
    with (live.folder / "data" / "train.csv").open("a") as stream:
        stream.write('"One more review, and it is a fine one.",positive\n')
    with pytest.raises(AssertionError, match=r"modified:.*train\.csv"):
        live.stage("Model")


def test_the_jenkinsfile_is_valid_groovy(tmp_path):
    shutil.copy(JENKINSFILE, tmp_path)
    linter = ["npx", "--yes", "npm-groovy-lint@15", "--no-insight", "--noserver"]
    done = run(*linter, "--failon", "error", cwd=tmp_path)
    assert "1 linted files" in re.sub(r"\x1b\[\d+m", "", done.stdout)
