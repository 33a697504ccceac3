"""Whole short texts are measured by every training, and can be for releases from before."""

import json
import shutil
from io import StringIO

import pytest
import yaml
from django.conf import settings as site
from django.core.management import CommandError, call_command

from mlmodel.lifecycle import releases
from mlmodel.lifecycle.lineage import file_md5
from mlmodel.lifecycle.model_store import model_store
from mlmodel.sentiment.data.corpus import read_corpus
from mlmodel.sentiment.io.loader import load_scorer
from mlmodel.serving import champion
from mlmodel.training import short_texts
from mlmodel.training.train import train_and_register

DEMO = site.BASE_DIR / "data" / "demo_reviews.csv"


@pytest.fixture
def earlier(trained, lab):
    """Serve a release as earlier trainings stored it: with sentences, without short texts."""
    trained.metrics = {"accuracy": 0.9, "sentences": {"n": 40, "accuracy": 0.8}}
    trained.save()
    path = model_store().find(trained.checksum) / "MLmodel"
    mlmodel = yaml.safe_load(path.read_text(encoding="utf-8"))
    mlmodel["metadata"]["metrics"] = trained.metrics
    path.write_text(yaml.safe_dump(mlmodel), encoding="utf-8")
    trained.promote()
    with champion.override(None):
        yield trained


def record(**options) -> str:
    output = StringIO()
    call_command("evaluate", record=True, stdout=output, stderr=output, **options)
    return output.getvalue()


def test_a_training_measures_the_reference_set_and_the_demo_reviews(trained):
    assert trained.metrics["reference"]["short"]["under 15"]["n"] > 300
    assert trained.metrics["demo"]["n"] == len(read_corpus(DEMO))
    assert "sentences" not in trained.metrics


def test_the_shipped_model_has_the_figures_of_the_current_reference_set(scorer):
    stored = releases.read_lineage(site.PRETRAINED_MODEL)["metrics"]["reference"]
    measured = short_texts.measure_reference(scorer)
    why = "run `manage.py evaluate --record` and `manage.py model_card mlmodel/pretrained`"
    assert measured["kinds"] == stored["kinds"], why
    assert measured["ece"] == pytest.approx(stored["ece"]), why


def test_demo_reviews_that_were_trained_on_are_not_measured(fixed_scorer):
    texts = read_corpus(DEMO).texts
    assert "demo" not in short_texts.measure(fixed_scorer, texts)
    seen = [texts[0].upper(), *texts[1:-10]]  # in other capitals it is the same review
    assert short_texts.measure(fixed_scorer, seen)["demo"]["n"] == 10


def test_evaluate_without_a_file_prints_the_reference_set_by_length_and_kind(capsys):
    call_command("evaluate")
    output = capsys.readouterr().out
    assert "under 15 words" in output
    assert "double negation" in output


@pytest.mark.django_db
def test_evaluate_prints_the_short_reviews_by_length_and_device(capsys):
    call_command("evaluate", short_reviews=True)
    printed = capsys.readouterr().out
    for row in ("under 6 words", "very sure, under 30", "double negation"):
        assert row in printed


@pytest.mark.django_db
def test_evaluate_names_the_file_of_short_reviews_that_is_absent(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    with pytest.raises(CommandError, match=r"short_reviews\.csv is not there"):
        call_command("evaluate", short_reviews=True)


@pytest.mark.parametrize("options", [{"file": "any.csv"}, {"record": True}])
def test_evaluate_takes_the_short_reviews_alone(options):
    with pytest.raises(CommandError, match="--short-reviews"):
        call_command("evaluate", short_reviews=True, **options)


def test_evaluate_without_a_file_prints_json(capsys):
    call_command("evaluate", json=True)
    assert set(json.loads(capsys.readouterr().out)) == {
        *("n", "accuracy", "ece"),
        *("short", "lengths", "very_sure", "kinds"),
    }


@pytest.mark.django_db
def test_an_earlier_release_and_its_folder_can_get_the_figures(earlier, reviews_csv):
    output = record(dataset=reviews_csv)
    earlier.refresh_from_db()
    assert set(earlier.metrics) == {"accuracy", "reference", "demo", "short_reviews"}
    folder = model_store().find(earlier.checksum)
    assert releases.read_lineage(folder)["metrics"] == earlier.metrics
    assert f"{earlier.metrics['reference']['accuracy']:.4f}" in output


@pytest.mark.django_db
def test_the_model_that_came_with_the_code_gets_the_figures_too(earlier, settings, tmp_path):
    settings.PRETRAINED_MODEL = tmp_path / "pretrained"
    shutil.copytree(model_store().find(earlier.checksum), settings.PRETRAINED_MODEL)
    record()
    assert "reference" in releases.read_lineage(settings.PRETRAINED_MODEL)["metrics"]


@pytest.mark.django_db
def test_demo_reviews_are_left_out_if_the_release_may_have_seen_them(earlier):
    assert file_md5(DEMO) != earlier.dataset_hash
    assert "left out" in record(dataset=DEMO)
    earlier.refresh_from_db()
    assert "demo" not in earlier.metrics


@pytest.mark.django_db
def test_the_release_gets_the_figures_if_its_folder_is_read_only(earlier, monkeypatch):
    def refuse(*arguments) -> None:
        raise OSError("Read-only file system")

    monkeypatch.setattr(short_texts, "atomic_write", refuse)
    assert "Read-only file system" in record()
    earlier.refresh_from_db()
    assert "reference" in earlier.metrics


def test_figures_of_a_file_cannot_be_stored(tmp_path):
    with pytest.raises(CommandError, match="--record takes neither FILE"):
        call_command("evaluate", tmp_path / "reviews.csv", record=True)


def test_a_refitted_release_has_the_figures_of_the_model_that_serves(lab, reviews_csv, db):
    release = train_and_register(dataset=reviews_csv, algorithm="logistic", refit=True)
    served = load_scorer(model_store().find(release.checksum))
    assert release.metrics["reference"] == short_texts.measure_reference(served)
