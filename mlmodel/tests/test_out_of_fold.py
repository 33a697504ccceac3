import numpy as np
import pytest

from benchmarks.freshness import group, read_readings
from mlmodel.sentiment.data.corpus import Corpus
from mlmodel.sentiment.training.out_of_fold import as_csv

P = np.array([0.912345678, 0.25, 0.5])


@pytest.fixture
def table() -> str:
    labels = np.array([True, False, True])
    return as_csv(
        Corpus(["Good.", "Bad, bad.", "Fine."], labels, ["tt1", "tt1", ""], [None] * 3), P
    )


def test_texts_are_named_and_not_told(table):
    assert "Bad" not in table
    assert len({line.split(",")[0] for line in table.splitlines()}) == 4


def test_the_freshness_benchmark_reads_what_a_training_writes(table, tmp_path):
    path = tmp_path / "out_of_fold.csv"
    path.write_text(table, encoding="utf-8")
    labels, p, films = read_readings(path)
    assert (labels.tolist(), films) == ([True, False, True], ["tt1", "tt1", ""])
    assert p == pytest.approx(P, abs=1e-6)


def test_the_freshness_benchmark_leaves_reviews_without_a_film_out():
    found = group(np.array([True, False, True]), P, ["tt1", "tt1", ""])
    assert [film.labels.tolist() for film in found] == [[True, False]]
