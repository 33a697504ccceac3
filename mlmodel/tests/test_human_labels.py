"""Datasets with human labels, and the gold that is kept from training."""

import csv
import json
from dataclasses import replace

import pytest
from django.core.management import CommandError

from mlmodel.sentiment.data.corpus import read_corpus, text_key
from mlmodel.sentiment.data.datasets import build_version
from mlmodel.sentiment.data.human_labels import is_gold, with_human_labels
from mlmodel.sentiment.errors import CorpusError
from mlmodel.tests.labelled import labelled_rows, write_csv

pytestmark = pytest.mark.usefixtures("small_versions")


@pytest.fixture
def source(tmp_path):
    return write_csv(tmp_path / "full_dataset.csv", labelled_rows(300, n_movies=30))


@pytest.fixture
def labels(tmp_path):
    def write(rows):
        return write_csv(tmp_path / "labels.csv", [{"rating": ""} | row for row in rows])

    return write


def human_rows(n):
    """Labels of texts that are not in the source."""
    sides = ("positive", "negative")
    return [
        {"review": f"My own opinion, number {i}.", "sentiment": sides[i % 2], "imdb_id": ""}
        for i in range(n)
    ]


def keys(rows):
    return {text_key(row.review) for row in rows}


def by_key(rows):
    return {text_key(row.review): row.sentiment for row in rows}


def test_the_dataset_and_its_gold_share_no_text(source, labels):
    # Half of the settled texts are also in the source, shouted.
    known = [row | {"review": row["review"].upper()} for row in labelled_rows(200, n_movies=30)]
    dataset = with_human_labels(build_version(source, 3), labels(known + human_rows(200)))
    assert len(dataset.gold) > 40
    assert not keys(dataset.rows) & keys(dataset.gold)


def test_every_human_label_is_in_the_dataset_or_its_gold(source, labels):
    dataset = with_human_labels(build_version(source, 1), labels(human_rows(200)))
    expected = {text_key(row["review"]) for row in human_rows(200)}
    assert expected <= keys(dataset.rows) | keys(dataset.gold)
    assert dataset.n_human_labels + len(dataset.gold) == 200


def test_about_a_fifth_of_the_human_labels_is_gold(source, labels):
    dataset = with_human_labels(build_version(source, 1), labels(human_rows(1000)))
    assert 150 < len(dataset.gold) < 250


def test_gold_stays_gold_with_more_human_labels(source, labels):
    base = build_version(source, 1)
    few = keys(with_human_labels(base, labels(human_rows(100))).gold)
    many = keys(with_human_labels(base, labels(human_rows(500)[::-1])).gold)
    assert few < many


def test_a_human_label_wins_over_the_source(source, labels):
    rows = labelled_rows(300, n_movies=30)
    flip = {"positive": "negative", "negative": "positive"}
    settled = [row | {"sentiment": flip[row["sentiment"]]} for row in rows]
    dataset = with_human_labels(build_version(source, 3), labels(settled))
    expected = {text_key(row["review"]): row["sentiment"] for row in settled}
    assert by_key(dataset.rows) | by_key(dataset.gold) == expected
    assert len(dataset.rows) + len(dataset.gold) == 300


def test_a_human_label_of_a_repaired_text_replaces_that_of_the_original(tmp_path, labels):
    rows = labelled_rows(300, n_movies=30)
    plain = next(row for row in rows if not is_gold(text_key(row["review"] + "…")))
    stored = plain | {"review": plain["review"] + "…", "sentiment": "negative"}
    plain["review"] += "\x85"
    base = build_version(write_csv(tmp_path / "full_dataset.csv", rows), 3)
    dataset = with_human_labels(base, labels([stored]))
    assert (len(dataset.rows), dataset.n_human_labels) == (300, 1)
    assert by_key(dataset.rows)[text_key(plain["review"])] == "negative"


def test_a_rating_that_contradicts_a_human_label_is_left_out(tmp_path, labels):
    rows = [row | {"rating": "9"} for row in labelled_rows(300)]
    source = write_csv(tmp_path / "rated.csv", rows)
    row = next(row for row in rows if not is_gold(text_key(row["review"])))
    dataset = with_human_labels(build_version(source, 3), labels([row | {"sentiment": "negative"}]))
    [settled] = [each for each in dataset.rows if each.review == row["review"]]
    assert (settled.sentiment, settled.rating) == ("negative", "")


def test_a_text_labelled_both_ways_stays_as_in_the_source(source, labels):
    row = labelled_rows(1, n_movies=30)[0]
    both = [row, row | {"sentiment": "negative"}]
    base = build_version(source, 3)
    assert with_human_labels(base, labels(both)) == replace(base, gold=[])


def test_an_unusable_human_label_is_an_error_with_its_row(source, labels):
    with pytest.raises(CorpusError, match="row 3: sentiment is 'unread'"):
        with_human_labels(
            build_version(source, 1),
            labels([*human_rows(1), human_rows(1)[0] | {"sentiment": "unread"}]),
        )


def test_the_command_writes_the_dataset_and_its_gold(build, source, labels, tmp_path):
    output = build(with_labels=labels(human_rows(50)))
    train, gold = read_corpus(tmp_path / "train.csv"), read_corpus(tmp_path / "gold.csv")
    assert len(train) == 100 + 50 - len(gold)
    assert f"{len(gold)} more in {tmp_path / 'gold.csv'}, which is never trained on" in output
    assert f"dvc add {tmp_path / 'train.csv'} {tmp_path / 'gold.csv'}" in output
    record = json.loads((tmp_path / "train.json").read_text())
    assert (record["settled"], record["gold"]) == (50 - len(gold), len(gold))


def test_the_same_labels_give_the_same_files(build, source, labels, tmp_path):
    path = labels(human_rows(50))
    build(with_labels=path)
    first = [(tmp_path / name).read_bytes() for name in ("train.csv", "gold.csv")]
    build(with_labels=path)
    assert [(tmp_path / name).read_bytes() for name in ("train.csv", "gold.csv")] == first


def test_gold_is_left_out_of_a_later_build_without_labels(build, source, labels, tmp_path):
    build(with_labels=labels(labelled_rows(300, n_movies=30)))
    gold = {row["review"] for row in csv.DictReader((tmp_path / "gold.csv").open())}
    build()
    train = {row["review"] for row in csv.DictReader((tmp_path / "train.csv").open())}
    assert train
    assert not train & gold


def test_a_missing_file_of_labels_writes_no_dataset(build, source, tmp_path):
    with pytest.raises(CommandError, match="there is no file"):
        build(with_labels=tmp_path / "none.csv")
    assert not (tmp_path / "train.csv").exists()
