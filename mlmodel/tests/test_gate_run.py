import json
import shutil
from dataclasses import replace

import pytest
from django.core.management import CommandError, call_command

from mlmodel.lifecycle import gold, mlflow_registry, promotions, releases
from mlmodel.lifecycle.model_store import model_store
from mlmodel.models import Release
from mlmodel.sentiment.data.corpus import text_key
from mlmodel.sentiment.data.human_labels import is_gold
from mlmodel.sentiment.evaluation import criteria
from mlmodel.sentiment.evaluation.cached_predictions import load_predictions
from mlmodel.tests.labelled import labelled_rows, write_csv
from mlmodel.training import gate as gate_run
from mlmodel.training.train import train_and_register

pytestmark = pytest.mark.django_db
SMOKE = {"profile": "smoke"}


@pytest.fixture
def impossible(monkeypatch):
    """A smoke profile that no model passes."""
    high = replace(criteria.PROFILES["smoke"], accuracy=1.1, min_held_out=1)
    monkeypatch.setitem(criteria.PROFILES, "smoke", high)


def lines_of(report) -> dict:
    return {line.name: line for line in report.lines}


def test_the_gates_report_is_stored_with_the_release(trained, reviews_csv):
    report = gate_run.run(trained, dataset=reviews_csv, **SMOKE)
    trained.refresh_from_db()
    assert trained.gate["passed"] is report.passed is True
    assert (trained.gate["profile"], trained.gate["against"]) == ("smoke", "")
    assert len(trained.gate["dataset_hash"]) == 32


def test_the_gates_whole_report_is_fetched_from_the_registry(trained, reviews_csv, settings):
    gate_run.run(trained, dataset=reviews_csv, **SMOKE)
    trained.refresh_from_db()
    assert len(json.dumps(trained.gate)) > 3000
    client = mlflow_registry.connect().MlflowClient()
    version = client.get_model_version(settings.MLFLOW_MODEL_NAME, "1")
    assert version.tags["gate"] == "smoke test only"
    Release.objects.all().delete()
    shutil.rmtree(settings.MODEL_STORE)
    assert releases.find("1").gate == trained.gate


def test_a_report_that_an_earlier_version_stored_as_a_tag_is_fetched(trained, settings):
    tags = {"gate": "passed", "gate_report": json.dumps({"passed": True, "lines": []})}
    client = mlflow_registry.connect().MlflowClient()
    for name, value in tags.items():
        client.set_model_version_tag(settings.MLFLOW_MODEL_NAME, "1", name, value)
    Release.objects.all().delete()
    assert releases.find("1").gate == {"passed": True, "lines": []}


def test_an_exported_model_contains_the_gates_report(trained, reviews_csv, tmp_path):
    gate_run.run(trained, dataset=reviews_csv, **SMOKE)
    releases.export(tmp_path / "exported", version="1")
    trained.refresh_from_db()
    Release.objects.all().delete()  # another site
    assert releases.adopt(tmp_path / "exported").gate == trained.gate


@pytest.mark.parametrize("content", ["{", "[]"])
def test_a_damaged_report_in_a_model_folder_is_not_adopted(model_folders, tmp_path, lab, content):
    folder = shutil.copytree(model_folders[0], tmp_path / "odd")
    (folder / "gate.json").write_text(content)
    with pytest.raises(releases.ModelUnavailable, match=r"gate\.json is"):
        releases.adopt(folder)


def test_the_gate_compares_with_the_champion(passed, reviews_csv):
    promotions.promote("1")
    two = train_and_register(dataset=reviews_csv, algorithm="complement-nb")
    assert gate_run.run(two, dataset=reviews_csv).against == "1"


def test_the_gate_compares_with_the_pretrained_model_if_nothing_was_promoted(
    trained, reviews_csv, settings, model_folders
):
    settings.PRETRAINED_MODEL = model_folders[0]
    report = gate_run.run(trained, dataset=reviews_csv, **SMOKE)
    assert report.against == releases.adopt(model_folders[0]).version
    assert lines_of(report)["paired comparison"].champion is not None


def test_the_gate_compares_with_the_earlier_champion_if_the_champion_is_damaged(
    passed, reviews_csv, settings, model_folders
):
    promotions.promote("1")
    releases.adopt(model_folders[1], version="damaged").promote()
    broken = Release.objects.get(version="damaged").checksum
    shutil.rmtree(settings.MODEL_STORE / broken)
    three = train_and_register(dataset=reviews_csv, algorithm="complement-nb")
    assert gate_run.run(three, dataset=reviews_csv).against == "1"


def test_the_champion_is_compared_with_the_one_before_it(passed, reviews_csv, model_folders):
    releases.adopt(model_folders[1], version="first").promote()
    passed.promote()
    assert gate_run.run(passed, dataset=reviews_csv).against == "first"


def test_a_small_dataset_does_not_lower_the_bounds(trained, reviews_csv):
    refused = {line.name for line in gate_run.run(trained, dataset=reviews_csv).refusals}
    assert {"reference accuracy", "behaviour", "accuracy", "dataset size"} <= refused


def test_settled_labels_of_the_site_join_the_exam(trained, reviews_csv, monkeypatch):
    texts = [text for text in (f"Text number {i}." for i in range(400)) if is_gold(text_key(text))]
    trains_on = [text for text in (f"Other {i}." for i in range(20)) if not is_gold(text_key(text))]
    labelled = [(text, True) for text in texts + trains_on]
    monkeypatch.setattr(gold, "providers", [lambda: labelled])
    line = lines_of(gate_run.run(trained, dataset=reviews_csv))["gold accuracy"]
    assert f" of {len(texts)} gold reviews" in line.why


def test_gold_reviews_in_the_data_folder_join_the_exam(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    rows = [row for row in labelled_rows(300) if is_gold(text_key(row["review"]))]
    write_csv(tmp_path / "gold.csv", rows)
    assert len(gold.gold_reviews()) == len(rows) > 30


def test_a_refitted_model_is_evaluated_by_its_cached_predictions(lab, reviews_csv, monkeypatch):
    release = train_and_register(dataset=reviews_csv, algorithm="logistic", refit=True)
    cached = load_predictions(model_store().find(release.checksum))
    assert cached
    predicted = []
    monkeypatch.setattr(
        "mlmodel.sentiment.evaluation.holdout.predict_arrays", lambda *args: predicted.append(args)
    )
    line = lines_of(gate_run.run(release, dataset=reviews_csv))["accuracy"]
    assert (predicted, line.challenger) == ([], pytest.approx(release.metrics["accuracy"]))


def test_a_refitted_challenger_is_not_measured_by_reviews_that_it_may_have_seen(
    lab, reviews_csv, tmp_path
):
    release = train_and_register(dataset=reviews_csv, algorithm="logistic", refit=True)
    other = write_csv(tmp_path / "other.csv", labelled_rows(400, n_movies=90)[200:])
    line = lines_of(gate_run.run(release, dataset=other, **SMOKE))["accuracy"]
    assert (line.outcome, "too little evidence" in line.why) == ("refused", True)


def test_a_refitted_model_that_serves_also_predicts_reviews_that_it_has_not_seen(
    lab, reviews_csv, tmp_path
):
    train_and_register(dataset=reviews_csv, algorithm="logistic", refit=True).promote()
    other = write_csv(tmp_path / "other.csv", labelled_rows(400, n_movies=90)[200:])
    two = train_and_register(dataset=other, algorithm="logistic")
    line = lines_of(gate_run.run(two, dataset=other, **SMOKE))["paired comparison"]
    assert line.champion is not None


def test_the_gate_command_prints_a_line_for_every_criterion(trained, reviews_csv, capsys):
    call_command("gate", "1", dataset=reviews_csv, **SMOKE)
    output = capsys.readouterr().out
    for name in ("reference accuracy", "paired comparison", "behaviour", "label agreement"):
        assert f"\n{name} " in output
    assert output.endswith("The gate passes release 1.\n")


def test_the_gate_command_prints_json(trained, reviews_csv, capsys):
    call_command("gate", dataset=reviews_csv, json=True, **SMOKE)
    report = json.loads(capsys.readouterr().out)
    assert (report["version"], report["passed"], len(report["lines"])) == ("1", True, 20)


def test_the_gate_command_has_exit_code_2_for_a_refused_release(trained, reviews_csv, impossible):
    with pytest.raises(CommandError, match="the gate refuses release 1: accuracy") as error:
        call_command("gate", "1", dataset=reviews_csv, **SMOKE)
    assert error.value.returncode == 2


def test_a_refusal_can_be_written_to_a_file_instead_of_being_an_error(
    trained, reviews_csv, impossible, tmp_path, capsys
):
    report = tmp_path / "metrics" / "gate.json"
    call_command("gate", dataset=reviews_csv, report=report, exit_zero=True, **SMOKE)
    assert json.loads(report.read_text())["passed"] is False
    assert "the gate refuses release 1: accuracy" in capsys.readouterr().err


def test_the_gate_checks_the_release_that_a_training_wrote_to_its_metrics(
    trained, reviews_csv, tmp_path, capsys
):
    train_and_register(dataset=reviews_csv, algorithm="logistic", seed=1)
    metrics = tmp_path / "training.json"
    metrics.write_text(json.dumps({"release": "1"}))
    call_command("gate", dataset=reviews_csv, trained=metrics, json=True, **SMOKE)
    assert json.loads(capsys.readouterr().out)["version"] == "1"


@pytest.mark.parametrize("content", ["", "[]", "{}"])
def test_metrics_that_name_no_release_are_an_error(lab, reviews_csv, tmp_path, content):
    metrics = tmp_path / "training.json"
    metrics.write_text(content)
    with pytest.raises(CommandError, match=r"training\.json names no release"):
        call_command("gate", dataset=reviews_csv, trained=metrics)


def test_a_refused_release_stays_challenger(lab, reviews_csv, impossible):
    with pytest.raises(CommandError, match="the gate refuses release 1") as error:
        call_command("train", dataset=reviews_csv, algorithm="logistic", promote=True, **SMOKE)
    assert error.value.returncode == 2
    assert Release.objects.get().is_refused
    assert Release.objects.champion() is None


def test_what_only_the_smoke_profile_passed_does_not_replace_the_shipped_model(
    lab, reviews_csv, settings
):
    settings.PRETRAINED_MODEL = settings.BASE_DIR / "mlmodel/pretrained"
    with pytest.raises(CommandError, match="reference comparison of release 1") as error:
        call_command("train", dataset=reviews_csv, algorithm="logistic", promote=True, **SMOKE)
    assert error.value.returncode == 2
    assert Release.objects.get(version="1").gate["passed"]
    assert Release.objects.champion() is None


def test_promotion_without_the_gate_is_refused(lab, reviews_csv):
    with pytest.raises(CommandError, match="leave out --no-gate"):
        call_command("train", dataset=reviews_csv, promote=True, no_gate=True)


def test_the_gate_command_needs_a_challenger(lab, reviews_csv):
    with pytest.raises(CommandError, match="there is no challenger"):
        call_command("gate", dataset=reviews_csv)
