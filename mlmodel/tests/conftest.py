from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from mlmodel.models import Release
from mlmodel.sentiment.data import datasets
from mlmodel.sentiment.data.corpus import read_corpus
from mlmodel.sentiment.training.fit import train
from mlmodel.tests.labelled import labelled_rows, write_csv
from mlmodel.training.train import train_and_register


@pytest.fixture(scope="session")
def mlflow_store(tmp_path_factory) -> Path:
    """One MLflow store for all tests: making its tables takes four seconds."""
    return tmp_path_factory.mktemp("mlflow")


@pytest.fixture
def lab(settings, mlflow_store, tmp_path) -> Path:
    """MLflow, model store and pretrained model away from this machine's; a folder to work in."""
    settings.MLFLOW_TRACKING_URI = f"sqlite:///{mlflow_store}/mlflow.db"
    settings.MLFLOW_ARTIFACTS = str(mlflow_store / "artifacts")
    settings.MLFLOW_MODEL_NAME = tmp_path.name  # versions count from 1 in every test
    settings.MODEL_STORE, settings.VAR_DIR = tmp_path / "store", tmp_path / "var"
    settings.PRETRAINED_MODEL = tmp_path / "no-pretrained-model"
    return tmp_path


@pytest.fixture
def reviews_csv(tmp_path) -> Path:
    return write_csv(tmp_path / "reviews.csv", labelled_rows(120, n_movies=30))


@pytest.fixture
def trained(lab, reviews_csv, db) -> Release:
    return train_and_register(dataset=reviews_csv, algorithm="logistic")


@pytest.fixture
def passed(trained) -> Release:
    """A trained release that the gate has passed."""
    trained.gate = {"passed": True, "profile": "release", "lines": []}
    trained.save(update_fields=["gate"])
    return trained


@pytest.fixture
def small_versions(monkeypatch) -> None:
    """Dataset versions 1, 2 and 3 of 100, 200 and all rows."""
    monkeypatch.setattr(datasets, "SIZES", {1: 100, 2: 200, 3: None})


@pytest.fixture
def build(tmp_path, settings, small_versions) -> Callable[..., str]:
    """Run `dataset` in an empty folder, and return its output."""
    settings.DATA_DIR, settings.VAR_DIR = tmp_path, tmp_path / "var"

    def run(version: int = 1, **options) -> str:
        output = StringIO()
        call_command("dataset", str(version), stdout=output, **options)
        return output.getvalue()

    return run


@pytest.fixture(scope="session")
def model_folders(tmp_path_factory) -> list[Path]:
    """Two small models, saved without MLflow."""
    root = tmp_path_factory.mktemp("models")
    folders = [root / "one", root / "two"]
    for n, folder in zip((60, 80), folders, strict=True):
        corpus = read_corpus(write_csv(root / f"{n}.csv", labelled_rows(n)))
        train(corpus, algorithm="logistic").save(folder)
    return folders
