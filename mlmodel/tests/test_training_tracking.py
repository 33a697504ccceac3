"""A training is one MLflow run from its start to its end, however it ends."""

import json
import os
import signal

import pytest
from django.core.management import CommandError, call_command

from mlmodel.lifecycle import mlflow_registry
from mlmodel.lifecycle.model_store import ModelStore
from mlmodel.lifecycle.training_run import Plan, end_abandoned_runs, training_run
from mlmodel.models import Release
from mlmodel.sentiment.errors import SentimentError
from mlmodel.sentiment.training import fit

pytestmark = pytest.mark.django_db
PLAN = Plan("logistic, dataset 1", {"algorithm": "logistic"}, {"dataset_md5": "0" * 32})


def client():
    return mlflow_registry.connect().MlflowClient()


def all_runs() -> list:
    from django.conf import settings

    experiment = client().get_experiment_by_name(settings.MLFLOW_MODEL_NAME)
    return client().search_runs([experiment.experiment_id])


@pytest.fixture
def during_training(monkeypatch):
    """Call a function, with no arguments, when the training starts to fit a model."""

    def install(act) -> None:
        def train(*args, **kwargs):
            act()
            return fit.train(*args, **kwargs)

        monkeypatch.setattr("mlmodel.sentiment.training.classifier.train", train)

    return install


@pytest.fixture
def train(lab, reviews_csv):
    def run(**options) -> None:
        defaults = {"dataset": reviews_csv, "algorithm": "logistic", "no_examination": True}
        call_command("train", no_pull=True, no_gate=True, **(defaults | options))

    return run


def test_run_is_open_with_its_parameters_and_data_while_the_model_is_fitted(train, during_training):
    seen = []
    during_training(lambda: seen.extend(all_runs()))
    train()
    [run] = seen
    assert run.info.status == "RUNNING"
    assert run.info.run_name == "logistic, dataset reviews"
    assert run.data.params["algorithm"] == "logistic"
    assert run.inputs.dataset_inputs
    assert all_runs()[0].info.status == "FINISHED"


def test_run_lists_only_parameters_that_had_an_effect(train):
    train(algorithm="nb-logistic", param=["C=2"])
    params = all_runs()[0].data.params
    assert set(params) == {
        "algorithm", "C", "alpha", "max_features", "min_df", "min_word_df", "refit", "seed",
        "sentence_weight",
    }  # fmt: skip
    assert params["C"] == "2"
    assert "student_C" not in Release.objects.get().params


def test_run_names_the_data_with_its_columns_and_profile(train):
    train()
    [entry] = all_runs()[0].inputs.dataset_inputs
    columns = json.loads(entry.dataset.schema)["mlflow_colspec"]
    assert {column["name"] for column in columns} >= {"review", "sentiment"}
    profile = json.loads(entry.dataset.profile)
    assert (profile["num_rows"], profile["num_positive"]) == (120, 60)
    assert ("target", "sentiment") in {(tag.key, tag.value) for tag in entry.tags}


def test_run_has_system_metrics_on_request(train, monkeypatch):
    train()
    monkeypatch.setenv(mlflow_registry.SYSTEM_METRICS, "true")
    monkeypatch.setenv("MLFLOW_SYSTEM_METRICS_SAMPLING_INTERVAL", "0.1")
    train()
    newest, before = (set(run.data.metrics) for run in all_runs())
    assert "system/cpu_utilization_percentage" in newest - before


def test_failed_training_leaves_a_failed_run_with_the_sentence(train):
    with pytest.raises(CommandError) as error:
        train(param=["C=-1"])
    [run] = all_runs()
    assert run.info.status == "FAILED"
    assert run.data.tags["error"] == run.data.tags["mlflow.note.content"] == str(error.value)


def test_refused_labels_leave_a_failed_run_with_the_reason(train):
    with pytest.raises(CommandError, match="the labels are refused"):
        train(no_examination=False)
    assert "dataset size" in all_runs()[0].data.tags["error"]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_stopped_training_leaves_a_killed_run_and_the_signals_exit_code(
    train, during_training, number, code
):
    during_training(lambda: os.kill(os.getpid(), number))
    with pytest.raises(CommandError, match="stopped; nothing is registered") as error:
        train()
    assert error.value.returncode == code
    assert all_runs()[0].info.status == "KILLED"
    assert Release.objects.count() == 0


def test_run_of_a_killed_process_is_ended_by_the_next_training(lab):
    experiment = mlflow_registry.site_experiment(client())
    client().create_run(experiment, tags=PLAN.tags)
    end_abandoned_runs()
    assert all_runs()[0].info.status == "KILLED"
    assert "was killed" in all_runs()[0].data.tags["error"]


def test_run_of_a_living_training_is_not_ended_by_another(lab):
    with training_run(PLAN):
        end_abandoned_runs()
        assert all_runs()[0].info.status == "RUNNING"


def test_run_that_could_not_be_ended_is_ended_by_the_next_training(lab, monkeypatch):
    from mlflow import MlflowClient, MlflowException

    def lost(*args, **kwargs):
        raise MlflowException("connection refused")

    def fail_without_mlflow():
        with monkeypatch.context() as patch, training_run(PLAN):
            patch.setattr(MlflowClient, "set_terminated", lost)
            raise KeyError("the training's own error")

    with pytest.raises(KeyError):
        fail_without_mlflow()
    assert all_runs()[0].info.status == "RUNNING"
    end_abandoned_runs()
    assert all_runs()[0].info.status == "KILLED"


def test_run_of_another_machine_on_a_server_is_not_ended(lab, monkeypatch):
    client().create_run(mlflow_registry.site_experiment(client()), tags=PLAN.tags)
    monkeypatch.setattr("mlmodel.lifecycle.training_run.site_store", lambda: None)
    end_abandoned_runs()
    assert all_runs()[0].info.status == "RUNNING"


def test_run_on_a_server_is_ended_where_its_process_died(lab, settings, monkeypatch):
    run = client().create_run(mlflow_registry.site_experiment(client()), tags=PLAN.tags)
    monkeypatch.setattr("mlmodel.lifecycle.training_run.site_store", lambda: None)
    lock_file = settings.VAR_DIR / "training-runs" / f"{run.info.run_id}.lock"
    lock_file.parent.mkdir(parents=True)
    lock_file.touch()
    end_abandoned_runs()
    assert all_runs()[0].info.status == "KILLED"
    assert not lock_file.exists()


def test_model_whose_registration_failed_is_kept_and_can_be_registered(train, settings):
    def full_disk(*args, **kwargs):
        raise OSError("no space left")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ModelStore, "add", full_disk)
        with pytest.raises(CommandError, match="no space left; the trained model is kept"):
            train()
    [failed] = all_runs()
    kept = settings.VAR_DIR / "unregistered" / failed.info.run_id
    call_command("register", kept)
    [run] = all_runs()
    assert (run.info.status, "error" in run.data.tags) == ("FINISHED", False)
    assert Release.objects.get().run_id == run.info.run_id
    assert not kept.exists()


def test_model_survives_a_tracking_server_that_is_lost_during_the_training(
    train, settings, during_training, capsys
):
    uri = settings.MLFLOW_TRACKING_URI
    during_training(lambda: setattr(settings, "MLFLOW_TRACKING_URI", "http://127.0.0.1:9"))
    with pytest.raises(CommandError, match=r"127\.0\.0\.1:9.*; the trained model is kept") as lost:
        train()
    settings.MLFLOW_TRACKING_URI = uri
    call_command("register", str(lost.value).rpartition(" ")[2].strip("`"))
    assert Release.objects.get().run_id == all_runs()[0].info.run_id


def test_run_cannot_be_continued_while_another_process_works_on_it(lab):
    def continue_run():
        with training_run(PLAN, run_id=run_id):
            raise AssertionError

    with training_run(PLAN) as run_id:
        with pytest.raises(SentimentError, match="another process works on run"):
            continue_run()
        assert all_runs()[0].info.status == "RUNNING"


def test_folder_that_holds_no_outcome_is_a_one_sentence_error(lab):
    with pytest.raises(CommandError, match=r"holds no trained model: no training\.json"):
        call_command("register", lab)
    (lab / "training.json").write_text("{}")
    with pytest.raises(CommandError, match=r"training\.json is damaged"):
        call_command("register", lab)
