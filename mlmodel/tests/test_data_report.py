import pytest

from mlmodel.sentiment.data import datasets
from mlmodel.sentiment.data.data_report import report_on
from mlmodel.sentiment.data.datasets import build_version
from mlmodel.tests.labelled import labelled_rows, write_csv


@pytest.fixture
def report(tmp_path):
    def _report(rows):
        return report_on(build_version(write_csv(tmp_path / "full.csv", rows), 3), "c0ffee")

    return _report


def unlike_rows(n):
    """Rows whose reviews have no three words in common."""
    rows = labelled_rows(n, n_movies=n // 2)
    for i, row in enumerate(rows):
        row["review"] = " ".join(f"w{i}x{place}" for place in range(40))
    return rows


def test_report_counts_rows_classes_movies_and_lengths(report):
    text = report(unlike_rows(200))
    for line in (
        "The file's md5: `c0ffee`",
        "| in this version | 200 |",
        "| positive | 100 (50.0%) |",
        "| movies | 100 |",
        "| words | 40 | 40 | 40 | 40 | 40 | 40 | 40 |",
        "0 in total, 0 of them",
        "No row was set aside.",
    ):
        assert line in text


def test_report_counts_near_duplicates_across_the_split(report):
    rows = unlike_rows(200)
    for row in rows[::20]:
        rows.append({**row, "review": row["review"] + " indeed", "imdb_id": f"{row['imdb_id']}9"})
    across = int(report(rows).partition("10 in total, ")[2].split()[0])
    assert 0 < across < 10


def test_report_contains_no_word_of_a_review(report):
    rows = unlike_rows(400)
    rows[7]["review"] = rows[9]["review"] + " indeed"
    rows[3]["sentiment"] = "w3x0 slipped into the wrong column, it's 'said'"
    text = report(rows)
    assert "| sentiment is something else, not positive or negative | 1 |" in text
    assert "1 in total" in text
    assert "w3x0" not in text
    assert "w9x0" not in text


def test_report_gives_the_number_of_missing_rows(report, tmp_path, monkeypatch):
    monkeypatch.setattr(datasets, "SIZES", {3: 201})
    monkeypatch.setattr("mlmodel.sentiment.data.data_report.SIZES", {3: 201})
    assert "| fewer than the version's size | 1 |" in report(unlike_rows(200))
