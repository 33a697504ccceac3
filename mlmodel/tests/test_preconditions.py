"""What a training needs is checked before it, with a sentence that says what to do."""

import importlib.util
import shutil
import subprocess
from collections import namedtuple

import pytest
from django.core.management import CommandError, call_command
from django.db.migrations.recorder import MigrationRecorder

from mlmodel.lifecycle import mlflow_registry
from mlmodel.training import preconditions
from mlmodel.training.preconditions import PreconditionFailed

pytestmark = pytest.mark.django_db
Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def refused(lab, reviews_csv, monkeypatch):
    """Run a command that must be refused before it reads its data, and return the sentence."""

    def run(command: str = "train") -> str:
        def too_late(*args):
            raise AssertionError("the data is read already")

        for module in ("train", "tune"):
            name = "read" if module == "train" else "read_corpus"
            monkeypatch.setattr(f"mlmodel.training.{module}.{name}", too_late)
        with pytest.raises(CommandError) as error:
            call_command(command, dataset=reviews_csv, algorithm="logistic", no_pull=True)
        assert "\n" not in str(error.value)
        return str(error.value)

    return run


@pytest.fixture
def repository(tmp_path, settings, monkeypatch):
    """An empty git repository as the checkout."""
    settings.BASE_DIR = tmp_path
    monkeypatch.delenv("GIT_COMMIT", raising=False)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    return tmp_path


def test_database_that_is_not_migrated_ends_a_training_before_it_starts(refused):
    MigrationRecorder.Migration.objects.filter(app="mlmodel").delete()
    assert "run `manage.py migrate` first" in refused()


def test_search_needs_no_migrated_database(lab, reviews_csv):
    MigrationRecorder.Migration.objects.filter(app="mlmodel").delete()
    preconditions.check_search(reviews_csv)


@pytest.mark.parametrize(
    ("setting", "command"), [("MODEL_STORE", "train"), ("VAR_DIR", "train"), ("VAR_DIR", "tune")]
)
def test_folder_that_cannot_be_written_is_named_with_its_setting(
    refused, settings, tmp_path, setting, command
):
    (tmp_path / "file").touch()
    setattr(settings, setting, tmp_path / "file")
    assert f"{setting} is not writable" in refused(command)


@pytest.mark.parametrize("command", ["train", "tune"])
def test_nearly_full_disk_is_refused_with_the_needed_space(refused, monkeypatch, command):
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: Usage(10**9, 10**9 - 10**6, 10**6))
    assert "has 1 MB free, and 100 MB are needed" in refused(command)


def test_large_dataset_needs_more_space(tmp_path):
    dataset = tmp_path / "large.csv"
    with dataset.open("wb") as file:
        file.truncate(10**12)
    with pytest.raises(PreconditionFailed, match="3,000,000 MB are needed"):
        preconditions.check_space({"VAR_DIR": tmp_path}, dataset)


@pytest.mark.parametrize("command", ["train", "tune"])
def test_unreachable_tracking_server_ends_the_command_before_it_starts(refused, settings, command):
    settings.MLFLOW_TRACKING_URI = "http://127.0.0.1:9"
    assert "MLflow does not answer at http://127.0.0.1:9" in refused(command)


def test_system_metrics_without_psutil_are_refused(refused, monkeypatch):
    monkeypatch.setenv(mlflow_registry.SYSTEM_METRICS, "true")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert "run `pip install psutil`" in refused()


def test_impossible_switch_of_system_metrics_is_refused(refused, monkeypatch):
    monkeypatch.setenv(mlflow_registry.SYSTEM_METRICS, "perhaps")
    assert "must be true or false" in refused()


def test_repository_without_a_commit_is_named(repository):
    assert "there is no commit yet" in preconditions.missing_commit()


def test_missing_git_is_named(repository, monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert "git is not installed" in preconditions.missing_commit()


def test_folder_that_is_no_repository_is_named(repository):
    shutil.rmtree(repository / ".git")
    assert "not a git repository" in preconditions.missing_commit()


def test_commit_of_the_image_is_enough(repository, monkeypatch):
    monkeypatch.setenv("GIT_COMMIT", "0" * 40)
    assert preconditions.missing_commit() == ""


def test_training_says_that_its_release_will_name_no_commit(lab, repository, reviews_csv):
    lines = []
    preconditions.check_training(reviews_csv, lines.append)
    assert any("will name no commit" in line for line in lines)
