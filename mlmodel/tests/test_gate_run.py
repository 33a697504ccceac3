import json
import shutil
from dataclasses import replace

import pytest
from django.core.management import CommandError, call_command

from mlmodel.lifecycle import mlflow_registry, releases
from mlmodel.lifecycle.model_store import model_store
from mlmodel.models import Release
from mlmodel.sentiment.evaluation import gate
from mlmodel.sentiment.evaluation.cached_predictions import load_predictions
from mlmodel.training import gate as gate_run
from mlmodel.training.train import train_and_register

pytestmark = pytest.mark.django_db


@pytest.fixture
def impossible(monkeypatch):
    """Floors that no model reaches."""
    high = replace(gate.NO_FLOORS, accuracy=1.1, min_accuracy_reviews=1)
    monkeypatch.setitem(gate.FLOORS, "smoke", high)


def test_the_gates_report_is_stored_with_the_release(trained, reviews_csv):
    report = gate_run.run(trained, dataset=reviews_csv)
    trained.refresh_from_db()
    assert trained.gate["passed"] is report.passed is True
    assert (trained.gate["floors"], trained.gate["against"]) == ("smoke", "")
    assert len(trained.gate["dataset_hash"]) == 32


def test_the_gates_report_is_fetched_from_the_registry(trained, reviews_csv, settings):
    gate_run.run(trained, dataset=reviews_csv)
    assert mlflow_registry.tags_of("1")["gate"] == "passed"
    Release.objects.all().delete()
    shutil.rmtree(settings.MODEL_STORE)
    assert releases.find("1").gate["passed"] is True


def test_the_gate_compares_with_the_champion(trained, reviews_csv):
    releases.promote("1")
    two = train_and_register(dataset=reviews_csv, algorithm="complement-nb")
    assert gate_run.run(two, dataset=reviews_csv).against == "1"


def test_a_small_dataset_version_does_not_lower_the_floors(trained, reviews_csv):
    Release.objects.update(dataset_version="2")
    releases.promote("1")
    two = train_and_register(dataset=reviews_csv, algorithm="logistic")
    assert gate_run.run(two, dataset=reviews_csv).floors == "full"


def test_a_refitted_model_is_evaluated_by_its_cached_predictions(lab, reviews_csv, monkeypatch):
    release = train_and_register(dataset=reviews_csv, algorithm="logistic", refit=True)
    cached = load_predictions(model_store().find(release.checksum))
    assert cached
    predicted = []
    monkeypatch.setattr(
        "mlmodel.sentiment.evaluation.holdout.predict_arrays", lambda *args: predicted.append(args)
    )
    report = gate_run.run(release, dataset=reviews_csv)
    line = {line.name: line for line in report.lines}["accuracy"]
    assert (predicted, line.challenger) == ([], pytest.approx(release.metrics["accuracy"]))


def test_the_gate_command_prints_a_line_for_every_criterion(trained, reviews_csv, capsys):
    call_command("gate", "1", dataset=reviews_csv)
    output = capsys.readouterr().out
    for name in ("paired comparison", "accuracy", "short text", "behaviour", "latency, ms"):
        assert name in output
    assert output.endswith("The gate passes release 1.\n")


def test_the_gate_command_prints_json(trained, reviews_csv, capsys):
    call_command("gate", dataset=reviews_csv, json=True)
    report = json.loads(capsys.readouterr().out)
    assert (report["version"], report["passed"], len(report["lines"])) == ("1", True, 7)


def test_the_gate_command_has_exit_code_2_for_a_refused_release(trained, reviews_csv, impossible):
    with pytest.raises(CommandError, match="the gate refuses release 1: accuracy") as error:
        call_command("gate", "1", dataset=reviews_csv)
    assert error.value.returncode == 2


def test_a_refused_release_stays_challenger(lab, reviews_csv, impossible):
    with pytest.raises(CommandError, match="the gate refuses release 1") as error:
        call_command("train", dataset=reviews_csv, algorithm="logistic", promote=True)
    assert error.value.returncode == 2
    assert Release.objects.get().is_refused
    assert Release.objects.champion() is None


def test_promotion_without_the_gate_is_refused(lab, reviews_csv):
    with pytest.raises(CommandError, match="leave out --no-gate"):
        call_command("train", dataset=reviews_csv, promote=True, no_gate=True)


def test_the_gate_command_needs_a_challenger(lab, reviews_csv):
    with pytest.raises(CommandError, match="there is no challenger"):
        call_command("gate", dataset=reviews_csv)
