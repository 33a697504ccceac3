import json

import pytest
from django.core.management import CommandError, call_command

from mlmodel.tests.labelled import write_csv

pytestmark = pytest.mark.django_db
ROWS = [
    {"review": "Good.", "sentiment": "positive", "imdb_id": "tt1"},
    {"review": "A bad one.", "sentiment": "negative", "imdb_id": "tt1"},
    {"review": "Another bad one.", "sentiment": "positive", "imdb_id": "tt2"},
    {"review": "Fine.", "sentiment": "positive", "imdb_id": "tt2"},
]


def test_evaluate_prints_one_json_object_and_nothing_else(tmp_path, capsys):
    call_command("evaluate", write_csv(tmp_path / "test.csv", ROWS), json=True)
    figures = json.loads(capsys.readouterr().out)
    assert list(figures) == ["n", "accuracy", "auc", "brier", "ece", "freshness_mae"]
    assert (figures["n"], figures["accuracy"]) == (4, 0.75)
    assert figures["freshness_mae"] == {"count": None, "estimate": None, "films": 0}


def test_movies_with_ten_reviews_are_measured(tmp_path, capsys):
    rows = [
        {"review": f"{'bad' if i < 4 else 'fine'} {i}", "sentiment": "positive", "imdb_id": "tt1"}
        for i in range(10)
    ]
    call_command("evaluate", write_csv(tmp_path / "test.csv", rows), json=True)
    figures = json.loads(capsys.readouterr().out)
    assert figures["auc"] is None
    assert figures["freshness_mae"]["films"] == 1
    assert figures["freshness_mae"]["count"] == pytest.approx(0.4)


def test_copies_do_not_stop_an_evaluation(tmp_path, capsys):
    call_command("evaluate", write_csv(tmp_path / "test.csv", ROWS * 2))
    output = capsys.readouterr().out
    assert "accuracy                 0.7500" in output
    assert "test-1" in output


def test_a_missing_file_is_one_sentence(tmp_path):
    with pytest.raises(CommandError, match="there is no file"):
        call_command("evaluate", tmp_path / "absent.csv")


def test_a_missing_model_is_one_sentence(tmp_path, no_model):
    with pytest.raises(CommandError, match="there is no model"):
        call_command("evaluate", write_csv(tmp_path / "test.csv", ROWS))
