"""Datasets with labels that people settled, and the gold that is kept from training."""

import csv
import json
from dataclasses import replace
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from mlmodel.sentiment.data import datasets
from mlmodel.sentiment.data.corpus import read_corpus, text_key
from mlmodel.sentiment.data.datasets import build_version
from mlmodel.sentiment.data.human_labels import is_gold, with_human_labels
from mlmodel.sentiment.errors import CorpusError
from mlmodel.tests.labelled import labelled_rows, write_csv


@pytest.fixture(autouse=True)
def small_versions(monkeypatch):
    monkeypatch.setattr(datasets, "SIZES", {1: 100, 2: 200, 3: None})


@pytest.fixture
def source(tmp_path):
    return write_csv(tmp_path / "full_dataset.csv", labelled_rows(300, n_films=30))


@pytest.fixture
def labels(tmp_path):
    def write(rows):
        return write_csv(tmp_path / "labels.csv", [{"rating": ""} | row for row in rows])

    return write


def settled_rows(n):
    """As people settle them: other texts than the source's, in their own words."""
    sides = ("positive", "negative")
    return [
        {"review": f"My own opinion, number {i}.", "sentiment": sides[i % 2], "imdb_id": ""}
        for i in range(n)
    ]


def keys(rows):
    return {text_key(row.review) for row in rows}


def by_key(rows):
    return {text_key(row.review): row.sentiment for row in rows}


def test_train_and_gold_share_nothing(source, labels):
    # Half of the settled texts are also in the source, shouted.
    known = [row | {"review": row["review"].upper()} for row in labelled_rows(200, n_films=30)]
    dataset = with_human_labels(build_version(source, 3), labels(known + settled_rows(200)))
    assert len(dataset.gold) > 40
    assert not keys(dataset.rows) & keys(dataset.gold)


def test_every_settled_review_is_in_one_of_them(source, labels):
    dataset = with_human_labels(build_version(source, 1), labels(settled_rows(200)))
    wanted = {text_key(row["review"]) for row in settled_rows(200)}
    assert wanted <= keys(dataset.rows) | keys(dataset.gold)
    assert dataset.n_human_labels + len(dataset.gold) == 200


def test_a_fifth_or_so_is_gold(source, labels):
    dataset = with_human_labels(build_version(source, 1), labels(settled_rows(1000)))
    assert 150 < len(dataset.gold) < 250


def test_what_is_gold_stays_gold_when_more_is_settled(source, labels):
    base = build_version(source, 1)
    few = keys(with_human_labels(base, labels(settled_rows(100))).gold)
    many = keys(with_human_labels(base, labels(settled_rows(500)[::-1])).gold)
    assert few < many


def test_a_settled_label_wins_over_the_source(source, labels):
    rows = labelled_rows(300, n_films=30)
    flip = {"positive": "negative", "negative": "positive"}
    settled = [row | {"sentiment": flip[row["sentiment"]]} for row in rows]
    dataset = with_human_labels(build_version(source, 3), labels(settled))
    wanted = {text_key(row["review"]): row["sentiment"] for row in settled}
    assert by_key(dataset.rows) | by_key(dataset.gold) == wanted
    assert len(dataset.rows) + len(dataset.gold) == 300


def test_a_rating_that_contradicts_a_settled_label_is_left_out(tmp_path, labels):
    rows = [row | {"rating": "9"} for row in labelled_rows(300)]
    source = write_csv(tmp_path / "rated.csv", rows)
    row = next(row for row in rows if not is_gold(text_key(row["review"])))
    dataset = with_human_labels(build_version(source, 3), labels([row | {"sentiment": "negative"}]))
    [settled] = [each for each in dataset.rows if each.review == row["review"]]
    assert (settled.sentiment, settled.rating) == ("negative", "")


def test_a_text_that_was_settled_both_ways_is_left_as_the_source_has_it(source, labels):
    row = labelled_rows(1, n_films=30)[0]
    both = [row, row | {"sentiment": "negative"}]
    base = build_version(source, 3)
    assert with_human_labels(base, labels(both)) == replace(base, gold=[])


def test_a_bad_row_is_named(source, labels):
    with pytest.raises(CorpusError, match="row 3: sentiment is 'unread'"):
        with_human_labels(
            build_version(source, 1),
            labels([*settled_rows(1), settled_rows(1)[0] | {"sentiment": "unread"}]),
        )


@pytest.fixture
def build(tmp_path, settings):
    settings.DATA_DIR = tmp_path

    def _build(**options):
        out = StringIO()
        call_command("dataset", "1", stdout=out, **options)
        return out.getvalue()

    return _build


def test_the_command_writes_both_files_and_says_so(build, source, labels, tmp_path):
    said = build(with_labels=labels(settled_rows(50)))
    train, gold = read_corpus(tmp_path / "train.csv"), read_corpus(tmp_path / "gold.csv")
    assert len(train) == 100 + 50 - len(gold)
    assert f"{len(gold)} more settled ones, never to be trained on" in said
    assert f"dvc add {tmp_path / 'train.csv'} {tmp_path / 'gold.csv'}" in said
    facts = json.loads((tmp_path / "train.json").read_text())
    assert (facts["settled"], facts["gold"]) == (50 - len(gold), len(gold))


def test_the_same_labels_give_the_same_files(build, source, labels, tmp_path):
    path = labels(settled_rows(50))
    build(with_labels=path)
    first = [(tmp_path / name).read_bytes() for name in ("train.csv", "gold.csv")]
    build(with_labels=path)
    assert [(tmp_path / name).read_bytes() for name in ("train.csv", "gold.csv")] == first


def test_gold_is_kept_from_a_later_version_that_is_built_without_labels(
    build, source, labels, tmp_path
):
    build(with_labels=labels(labelled_rows(300, n_films=30)))
    gold = {row["review"] for row in csv.DictReader((tmp_path / "gold.csv").open())}
    build()
    train = {row["review"] for row in csv.DictReader((tmp_path / "train.csv").open())}
    assert train
    assert not train & gold


def test_missing_labels_are_one_sentence_and_write_nothing(build, source, tmp_path):
    with pytest.raises(CommandError, match="there is no file"):
        build(with_labels=tmp_path / "none.csv")
    assert not (tmp_path / "train.csv").exists()
