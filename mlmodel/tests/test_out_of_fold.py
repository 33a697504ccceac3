import numpy as np
import pytest

from benchmarks.freshness import group, read_predictions
from mlmodel.sentiment.data.corpus import Corpus
from mlmodel.sentiment.training.out_of_fold import as_csv

P = np.array([0.912345678, 0.25, 0.5])


@pytest.fixture
def table() -> str:
    labels = np.array([True, False, True])
    return as_csv(
        Corpus(["Good.", "Bad, bad.", "Fine."], labels, ["tt1", "tt1", ""], [None] * 3), P
    )


def test_table_names_texts_without_their_words(table):
    assert "Bad" not in table
    assert len({line.split(",")[0] for line in table.splitlines()}) == 4


def test_freshness_benchmark_reads_the_table_of_a_training(table, tmp_path):
    path = tmp_path / "out_of_fold.csv"
    path.write_text(table, encoding="utf-8")
    labels, p, movies = read_predictions(path)
    assert (labels.tolist(), movies) == ([True, False, True], ["tt1", "tt1", ""])
    assert p == pytest.approx(P, abs=1e-6)


def test_freshness_benchmark_leaves_out_reviews_without_a_movie():
    groups = group(np.array([True, False, True]), P, ["tt1", "tt1", ""])
    assert [movie.labels.tolist() for movie in groups] == [[True, False]]
