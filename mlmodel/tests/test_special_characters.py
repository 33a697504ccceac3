"""A site works in a folder whose name has characters that mean something in a URL."""

import os

import pytest

from mlmodel.lifecycle import mlflow_api, mlflow_registry
from mlmodel.lifecycle.mlflow_registry import RegistryUnavailable
from mlmodel.tests.labelled import labelled_rows, write_csv
from mlmodel.tests.own_site import manage

OWN = ("DATABASE_URL", "MLFLOW_TRACKING_URI", "MLFLOW_ARTIFACTS", "MODEL_STORE")
VIEW = """
from django.test import Client
from movies.models import Movie
page = Client().get(Movie.objects.first().get_absolute_url())
print(page.status_code, Client().get("/api/v1/model/").json()["version"])
"""


def test_site_trains_promotes_and_serves_in_a_folder_with_special_characters(tmp_path):
    folder = tmp_path / "a#1 b+c?d%20é"
    environment = {name: value for name, value in os.environ.items() if name not in OWN} | {
        "DJANGO_SETTINGS_MODULE": "rottenpotatoes.settings",
        "DOTENV": os.devnull,
        "DEBUG": "true",
        "VAR_DIR": str(folder),
    }
    dataset = write_csv(tmp_path / "reviews.csv", labelled_rows(120, n_movies=30))
    training = ("train", "--no-pull", "--no-gate", "--no-examination", "--algorithm", "logistic")
    manage(environment, "migrate", "--verbosity=0")
    manage(environment, "seed")
    manage(environment, *training, "--dataset", str(dataset))
    manage(environment, "promote", "1", "--force", "--reason", "a test")
    assert manage(environment, "shell", "-v0", "-c", VIEW).split()[-2:] == ["200", "1"]
    assert {path.name for path in tmp_path.iterdir()} == {folder.name, dataset.name}
    assert {"site.sqlite3", "mlflow.db", "mlartifacts", "models"} <= set(os.listdir(folder))


def test_mlflow_that_is_installed_below_a_percent_sign_is_refused(monkeypatch):
    monkeypatch.setattr(mlflow_api.mlflow, "__file__", "/srv/a%1/.venv/mlflow/__init__.py")
    with pytest.raises(RegistryUnavailable, match="contains %: move the checkout"):
        mlflow_registry.connect()
