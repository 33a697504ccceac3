import csv

import pytest

from mlmodel.sentiment.data.corpus import read_corpus, text_key
from mlmodel.sentiment.data.datasets import build_version
from mlmodel.sentiment.errors import CorpusError
from mlmodel.sentiment.io.dataset_files import write_dataset, write_quarantine
from mlmodel.tests.labelled import labelled_rows, write_csv

pytestmark = pytest.mark.usefixtures("small_versions")


@pytest.fixture
def source(tmp_path):
    def _source(rows):
        return write_csv(tmp_path / "full.csv", rows)

    return _source


def texts(dataset):
    return [row.review for row in dataset.rows]


def test_a_version_does_not_depend_on_the_order_of_its_source(source):
    rows = labelled_rows(300)
    first = build_version(source(rows), 1)
    assert texts(first) == texts(build_version(source(rows[::-1]), 1))


def test_each_version_is_part_of_the_next(source):
    path = source(labelled_rows(300))
    one, two, three = (set(texts(build_version(path, version))) for version in (1, 2, 3))
    assert one < two < three
    assert (len(one), len(two), len(three)) == (100, 200, 300)


def test_a_version_keeps_the_share_of_positive_reviews(source):
    rows = labelled_rows(400)
    mostly_positive = rows[::2] + rows[1::2][:50]
    assert build_version(source(mostly_positive), 1).n_positive == 80


def test_only_the_first_of_several_copies_is_kept(source):
    rows = labelled_rows(300)
    copies = [{**row, "review": row["review"].upper()} for row in rows[:40]]
    dataset = build_version(source(rows + copies), 3)
    assert dataset.n_duplicates == 40
    assert len(set(map(text_key, texts(dataset)))) == len(dataset.rows) == 300


def test_unusable_rows_are_quarantined_with_a_reason(source, tmp_path):
    rows = labelled_rows(300)
    rows[4]["sentiment"] = "meh"
    rows[9]["review"] = rows[10]["review"]
    dataset = build_version(source(rows), 3)
    write_quarantine(dataset, tmp_path / "quarantine.csv")
    with (tmp_path / "quarantine.csv").open() as stream:
        reasons = {row["row"]: row["reason"] for row in csv.DictReader(stream)}
    twice = "the same review is in the file as positive and as negative"
    assert reasons == {
        "6": "sentiment is 'meh', not positive or negative",
        "11": twice,
        "12": twice,
    }


def test_more_than_one_unusable_row_in_a_hundred_is_an_error(source):
    rows = labelled_rows(300)
    for row in rows[:4]:
        row["review"] = ""
    with pytest.raises(CorpusError, match=r"4 of 300 rows .* row 2: the review is empty"):
        build_version(source(rows), 1)


def test_a_source_that_is_almost_large_enough_is_used_completely(source):
    dataset = build_version(source(labelled_rows(198)), 2)
    assert (len(dataset.rows), dataset.shortfall) == (198, 2)


def test_an_unknown_dataset_version_is_refused(source):
    with pytest.raises(CorpusError, match="no dataset version 4"):
        build_version(source(labelled_rows(300)), 4)


def test_columns_that_the_source_lacks_are_left_out(source, tmp_path):
    rows = [{"review": r["review"], "sentiment": r["sentiment"]} for r in labelled_rows(200)]
    write_dataset(build_version(source(rows), 1), tmp_path / "train.csv")
    assert (tmp_path / "train.csv").read_text().startswith("review,sentiment\n")


def test_a_written_dataset_can_be_read_back(source, tmp_path):
    dataset = build_version(source(labelled_rows(200, n_movies=9)), 1)
    write_dataset(dataset, tmp_path / "train.csv")
    corpus = read_corpus(tmp_path / "train.csv")
    assert (corpus.texts, corpus.movies) == (texts(dataset), [row.imdb_id for row in dataset.rows])
