import socket
import time
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from mlmodel.lifecycle import mlflow_registry, promotions
from mlmodel.lifecycle.lineage import file_md5
from mlmodel.lifecycle.model_store import ModelStore
from mlmodel.models import Release
from mlmodel.sentiment.errors import SentimentError
from mlmodel.sentiment.io.model_folder import folder_checksum
from mlmodel.serving import champion
from mlmodel.tests.labelled import labelled_rows, write_csv
from mlmodel.training.train import train_and_register

pytestmark = pytest.mark.django_db


def versions() -> list:
    from django.conf import settings

    client = mlflow_registry.connect().MlflowClient()
    return client.search_model_versions(f"name = '{settings.MLFLOW_MODEL_NAME}'")


def test_a_training_creates_a_release_with_its_lineage(trained, reviews_csv):
    assert trained.version == "1"
    assert (trained.algorithm, trained.n_reviews) == ("logistic", 120)
    assert trained.dataset_hash == file_md5(reviews_csv)
    assert len(trained.run_id) == 32
    assert 0 <= trained.metrics["accuracy"] <= 1


def test_a_trained_release_is_the_challenger_in_the_registry(trained, settings):
    client = mlflow_registry.connect().MlflowClient()
    challenger = client.get_model_version_by_alias(settings.MLFLOW_MODEL_NAME, "challenger")
    assert (challenger.version, challenger.run_id) == (int(trained.version), trained.run_id)


def test_a_training_run_has_params_metrics_tags_dataset_and_plots(trained):
    client = mlflow_registry.connect().MlflowClient()
    run = client.get_run(trained.run_id)
    assert run.data.params["algorithm"] == "logistic"
    assert run.data.metrics["accuracy"] == trained.metrics["accuracy"]
    assert run.data.tags["dataset_md5"] == trained.dataset_hash
    assert run.inputs.dataset_inputs[0].dataset.digest == trained.dataset_hash
    plots = {entry.path for entry in client.list_artifacts(trained.run_id, "plots")}
    assert {"plots/roc.png", "plots/precision_recall.png", "plots/confusion_matrix.png"} <= plots
    assert "out_of_fold.csv" in {entry.path for entry in client.list_artifacts(trained.run_id)}


def test_mlflow_predicts_every_row_of_a_data_frame(trained, settings):
    import pandas as pd

    mlflow = mlflow_registry.connect()
    model = mlflow.pyfunc.load_model(f"models:/{settings.MLFLOW_MODEL_NAME}/1")
    read = model.predict(pd.DataFrame({"review": ["A wonderful film.", "An awful film.", "Dull."]}))
    assert list(read.columns) == ["label", "p_positive"]
    assert len(read) == 3


def test_a_stored_model_folder_is_complete_and_has_no_pickle(trained, settings):
    folder = settings.MODEL_STORE / trained.checksum
    assert folder_checksum(folder) == trained.checksum
    names = {path.name for path in folder.rglob("*") if path.is_file()}
    assert "MLmodel" in names
    assert not [name for name in names if name.endswith((".pkl", ".pickle", ".joblib"))]


def test_training_again_gives_the_same_model_and_another_version(trained, reviews_csv):
    again = train_and_register(dataset=reviews_csv, algorithm="logistic")
    assert (again.version, again.checksum) == ("2", trained.checksum)


def test_a_promoted_release_is_served(passed):
    promotions.promote(passed.version)
    with champion.override(None):
        served = champion.get_served()
    assert (served.release, served.scorer.version) == (passed, "1")


def test_a_promoted_random_forest_is_served(lab, reviews_csv):
    params = {"n_estimators": 5}
    release = train_and_register(dataset=reviews_csv, algorithm="random-forest", params=params)
    release.promote()
    with champion.override(None):
        assert champion.get_scorer().predict("A wonderful, moving film.").p_positive > 0.5


def test_a_refitted_model_keeps_the_metrics_of_the_held_out_reviews(trained, reviews_csv):
    refitted = train_and_register(dataset=reviews_csv, algorithm="logistic", refit=True)
    assert refitted.metrics["accuracy"] == trained.metrics["accuracy"]
    assert refitted.checksum != trained.checksum


ROWS = labelled_rows(120)
COPY = ROWS[4]["review"].upper().replace(" ", "<br />\n ")


@pytest.mark.parametrize(
    ("rows", "complaint"),
    [
        ([*ROWS, {"review": "So so.", "sentiment": "meh"}], "row 122: sentiment is 'meh'"),
        ([*ROWS, {"review": " ", "sentiment": "positive"}], "row 122: the review is empty"),
        ([*ROWS, {"review": COPY, "sentiment": "positive"}], "row 122 repeats the review of row 6"),
        (ROWS[1::2], "all 60 reviews are negative"),
        (ROWS[:18], "has 18 rows; training needs at least 20"),
    ],
)
def test_training_on_unusable_data_leaves_no_release(lab, rows, complaint):
    dataset = write_csv(lab / "wrong.csv", rows)
    with pytest.raises(CommandError, match=complaint) as error:
        call_command("train", dataset=dataset)
    assert "\n" not in str(error.value)
    assert (versions(), Release.objects.count()) == ([], 0)


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"dataset": Path("absent.csv")}, "there is no file absent.csv"),
        ({"algorithm": "tea-leaves"}, "there is no algorithm 'tea-leaves'"),
        ({"param": ["C"]}, "'C' is not NAME=NUMBER"),
        ({"param": ["C=[1]"]}, r"'C=\[1\]' is not NAME=NUMBER"),
        ({"param": ["D=2"]}, "no parameter 'D'"),
        ({"param": ["C=-1"]}, "the training failed: The 'C' parameter"),
    ],
)
def test_an_impossible_option_is_a_one_sentence_error(lab, reviews_csv, options, complaint):
    with pytest.raises(CommandError, match=complaint):
        call_command("train", **({"dataset": reviews_csv, "profile": "smoke"} | options))
    assert Release.objects.count() == 0


@pytest.mark.parametrize("seed", ["-1", "4294967296", "x"])
@pytest.mark.parametrize("command", ["train", "tune"])
def test_an_impossible_seed_is_refused_by_the_parser(command, seed):
    with pytest.raises(CommandError, match="invalid seed value"):
        call_command(command, f"--seed={seed}")


def test_a_failure_after_registering_removes_the_version(lab, reviews_csv, monkeypatch):
    def full_disk(*args, **kwargs):
        raise OSError("no space left")

    monkeypatch.setattr(ModelStore, "add", full_disk)
    with pytest.raises(CommandError, match="no space left"):
        call_command("train", dataset=reviews_csv, algorithm="logistic", profile="smoke")
    assert (versions(), Release.objects.count()) == ([], 0)


@pytest.mark.parametrize("listens", [True, False])
def test_an_unreachable_tracking_server_is_an_error_within_seconds(
    lab, reviews_csv, settings, monkeypatch, listens
):
    monkeypatch.setattr(mlflow_registry, "REACH_TIMEOUT_S", 1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.MLFLOW_TRACKING_URI = f"http://me:secret@127.0.0.1:{silent.getsockname()[1]}"
        if not listens:
            silent.close()
        started = time.monotonic()
        with pytest.raises(CommandError, match=r"does not answer at http://127\.0\.0\.1"):
            call_command("train", dataset=reviews_csv, profile="smoke")
    assert time.monotonic() - started < 5


def test_the_train_command_prints_the_next_step(lab, reviews_csv, capsys):
    call_command("train", dataset=reviews_csv, algorithm="logistic", profile="smoke", no_pull=True)
    output = capsys.readouterr().out
    assert "held-out reviews" in output
    assert output.endswith("To serve it: promote 1\n")


def test_the_train_command_promotes_on_request(lab, reviews_csv, capsys):
    call_command("train", dataset=reviews_csv, algorithm="logistic", profile="smoke", promote=True)
    assert Release.objects.champion().version == "1"


def test_unlabelled_reviews_are_learnt_from_and_counted(lab, reviews_csv, tmp_path):
    rows = [row | {"sentiment": "", "imdb_id": "tt9999999"} for row in labelled_rows(60)]
    others = [row | {"review": row["review"].replace("Evening", "Night")} for row in rows]
    unlabelled = write_csv(tmp_path / "unlabelled.csv", others)
    plain = train_and_register(dataset=reviews_csv, algorithm="nb-logistic")
    with_unlabelled = train_and_register(
        dataset=reviews_csv, algorithm="nb-logistic", unlabelled=unlabelled
    )
    assert with_unlabelled.params["unlabelled"] == 60
    assert with_unlabelled.checksum != plain.checksum


SHORT_ROWS = [
    f"Bravo {i} times.,positive,plain,ann,train\nNo fun in {i} ways.,negative,plain,ben,train\n"
    for i in range(8)
]


@pytest.mark.parametrize("algorithm", ["nb-logistic", "logistic", "random-forest"])
def test_short_reviews_are_learnt_from_and_counted(lab, reviews_csv, tmp_path, algorithm):
    path = tmp_path / "short.csv"
    path.write_text("review,sentiment,device,writer,part\n" + "".join(SHORT_ROWS))
    options = {"dataset": reviews_csv, "algorithm": algorithm}
    plain = train_and_register(**options)
    release = train_and_register(**options, short_reviews=path, short_weight=2.0)
    assert (release.params["short_reviews"], release.params["short_weight"]) == (16, 2.0)
    assert release.checksum != plain.checksum
    # The figures of the dataset's reviews are theirs alone.
    assert release.metrics["out_of_fold"]["n"] == plain.metrics["out_of_fold"]["n"]
    assert release.metrics["short_reviews"]["n"] > 1000


def test_a_weight_without_short_reviews_is_an_error(lab, reviews_csv):
    with pytest.raises(CommandError, match="--short-weight needs --short-reviews"):
        call_command("train", "--short-weight=2", dataset=reviews_csv)


@pytest.mark.parametrize("value", ["0", "-1", "nan", "inf", "much"])
def test_a_weight_is_a_number_above_0(lab, value):
    with pytest.raises(CommandError, match="is not a number above 0"):
        call_command("train", "--short-reviews", "--short-weight", value)


def test_missing_short_reviews_are_an_error(lab, reviews_csv, tmp_path):
    with pytest.raises(CommandError, match="cannot read"):
        call_command("train", dataset=reviews_csv, short_reviews=tmp_path / "absent.csv")


def test_the_command_trains_an_algorithm_that_cannot_use_unlabelled_reviews_without_them(
    lab, reviews_csv, tmp_path, capsys
):
    options = {"dataset": reviews_csv, "algorithm": "logistic", "unlabelled": tmp_path / "any.csv"}
    call_command("train", **options, no_gate=True, profile="smoke")
    assert "logistic cannot learn from unlabelled reviews" in capsys.readouterr().out
    assert "unlabelled" not in Release.objects.get(version="1").params


def test_missing_unlabelled_reviews_are_an_error_that_names_the_switch(lab, reviews_csv, tmp_path):
    with pytest.raises(CommandError, match=r"in params\.yaml, `unlabelled: false`"):
        call_command("train", dataset=reviews_csv, unlabelled=tmp_path / "absent.csv")
    assert not Release.objects.exists()


def test_an_algorithm_that_cannot_use_unlabelled_reviews_is_refused(lab, reviews_csv, tmp_path):
    rows = [{"review": "Another evening, another film.", "sentiment": ""}]
    unlabelled = write_csv(tmp_path / "unlabelled.csv", rows)
    with pytest.raises(SentimentError, match="cannot learn from unlabelled"):
        train_and_register(dataset=reviews_csv, algorithm="logistic", unlabelled=unlabelled)
