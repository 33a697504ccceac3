"""The benchmarks run and write their tables; their speed is not tested here."""

import json
import shutil
import sys

import numpy as np
import pytest
from django.conf import settings

from benchmarks.measuring import alternate
from benchmarks.pipelines import as_pipeline
from benchmarks.reviews import N_WORDS, reviews
from benchmarks.tables import Table
from mlmodel.sentiment.features.compile import compile_pipeline
from mlmodel.sentiment.models.algorithms import get_algorithm
from tests.support import run


def measure(part, out):
    command = ["benchmarks", "--quick", "--only", part, "--out", out]
    run(sys.executable, "-m", *command, cwd=settings.BASE_DIR)
    return json.loads((out / f"{part}.json").read_text())


@pytest.mark.parametrize("part", ["scoring", "training", "algorithms", "events"])
def test_a_part_writes_its_tables_and_the_machine(tmp_path, part):
    report = measure(part, tmp_path)
    assert {"cores", "load_before", "python"} <= set(report["machine"])
    for table in report["tables"]:
        assert table["rows"]
        assert {len(row) for row in table["rows"]} == {len(table["columns"])}


@pytest.mark.skipif(not shutil.which("wrk"), reason="wrk is not installed")
def test_all_servers_respond_under_load(tmp_path):
    for table in measure("http", tmp_path)["tables"]:
        requests_per_s = [row[1] for row in table["rows"]]
        assert len(requests_per_s) == 4
        assert min(requests_per_s) > 0


def test_the_http_benchmark_says_that_it_needs_wrk(monkeypatch, capsys):
    from benchmarks import predicting

    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert predicting.measure() == []
    assert "skipped" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["nb-logistic", "logistic", "linear-svm"])
def test_the_pipeline_equals_the_compiled_model(name):
    texts = ["A good film.", "A very good film!", "A bad film.", "Not a good film, bad."] * 5
    labels = np.array([True, True, False, False] * 5)
    chosen = get_algorithm(name)
    params = chosen.defaults | ({"min_df": 1} if "min_df" in chosen.defaults else {})
    fitted = chosen.fit(texts, labels, seed=0, **params)
    rebuilt = as_pipeline(compile_pipeline(fitted))
    np.testing.assert_allclose(
        rebuilt.decision_function(texts), fitted.decision_function(texts), atol=1e-6
    )


def test_the_freshness_benchmark_reports_verdicts_by_number_of_reviews(tmp_path):
    random = np.random.default_rng(0)
    rows = ["text_key,movie,label,p_positive"]
    for movie, n in enumerate([7, 12, 25] * 8):
        positive = random.random(n) < random.random()
        rows += [
            f"x,tt{movie},{'positive' if liked else 'negative'},{0.9 if liked else 0.1}"
            for liked in positive
        ]
    predictions, out = tmp_path / "out_of_fold.csv", tmp_path / "figures.json"
    predictions.write_text("\n".join(rows))
    command = ["-m", "benchmarks.freshness", predictions, "--json", out]
    run(sys.executable, *command, cwd=settings.BASE_DIR)
    figures = json.loads(out.read_text())
    for size in ("5 to 9", "10 to 19", "20 and more", "10 and more"):
        [by_probability] = [
            rows for title, rows in figures.items() if f"both halves, {size} reviews" in title
        ]
        assert by_probability["50%"]["undecided"] == 0 < by_probability["95%"]["undecided"]


def test_generated_reviews_have_the_given_length_and_differ():
    texts = reviews(10)
    assert {len(text.split()) for text in texts} == {N_WORDS}
    assert len(set(texts)) == 10


def test_the_warm_up_round_is_not_counted():
    calls = []
    alternate({"a": lambda: calls.append("a"), "b": lambda: calls.append("b")}, rounds=2)
    assert calls == ["a", "b"] * 3


def test_a_table_is_markdown():
    assert Table("Title", ["", "ms"], [["one", 1234.5], ["two", 0.1234]]).lines() == [
        "|     |    ms |",
        "|:----|------:|",
        "| one | 1,234 |",
        "| two | 0.123 |",
    ]
