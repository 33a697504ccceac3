"""Human labels are exported for the next dataset version."""

import csv

import pytest
from django.core.management import CommandError, call_command

from mlmodel.lifecycle import gold
from mlmodel.sentiment.data.corpus import read_corpus
from reviews import gold_labels
from reviews.models import MovieReview
from reviews.submission import hide_review, settle_label, settle_own_label

pytestmark = pytest.mark.django_db


@pytest.fixture
def settled(make_movies, make_review):
    movie = make_movies(1, imdb_id="tt0000001")[0]
    texts = ['Good, "really"\ngood.', "Bad.", "Fine."]
    reviews = [make_review(movie, text) for text in texts]
    settle_label(review=reviews[1], human_label="positive")
    settle_label(review=reviews[0], human_label="negative")
    return reviews


def read(path):
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_only_human_labels_are_exported_in_a_fixed_order(settled, tmp_path):
    path = tmp_path / "labels.csv"
    call_command("export_labels", path)
    rows = read(path)
    assert [(row["review"], row["sentiment"]) for row in rows] == [
        ('Good, "really"\ngood.', "negative"),
        ("Bad.", "positive"),
    ]
    assert rows[0]["imdb_id"] == "tt0000001"
    assert rows[0]["settled_at"] == MovieReview.objects.get(pk=settled[0].pk).settled_at.isoformat()
    assert str(settled[0].pk) != rows[0]["review_hash"] != rows[1]["review_hash"]


def test_same_labels_give_the_same_bytes(settled, tmp_path):
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    call_command("export_labels", first)
    call_command("export_labels", second)
    assert first.read_bytes() == second.read_bytes()


def test_export_can_be_used_for_training(settled, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    call_command("export_labels")
    assert read_corpus(tmp_path / "labels.csv").labels.tolist() == [False, True]


def test_hidden_reviews_are_left_out_and_reported(settled, tmp_path, capsys):
    hide_review(review=settled[1])
    call_command("export_labels", tmp_path / "labels.csv")
    assert len(read(tmp_path / "labels.csv")) == 1
    assert "1 labels of hidden reviews left out" in capsys.readouterr().out


def test_authors_labels_are_exported_with_their_source(settled, tmp_path, capsys):
    settle_own_label(review=settled[2], author_label="negative")
    path = tmp_path / "labels.csv"
    call_command("export_labels", path)
    assert [row["source"] for row in read(path)] == ["curator", "curator", "author"]
    assert "3 human labels written" in (out := capsys.readouterr().out)
    assert "(2 by curators, 1 by authors)" in out
    assert read_corpus(path).labels.tolist() == [False, True, False]


def test_authors_label_of_an_unreadable_or_held_review_is_left_out(settled, tmp_path, capsys):
    settle_own_label(review=settled[2], author_label="negative")
    burst = settled[2].movie.bursts.create()
    for state in ({"model_label": "unreadable"}, {"model_label": "positive", "is_held": True}):
        MovieReview.objects.filter(pk=settled[2].pk).update(burst=burst, **state)
        call_command("export_labels", tmp_path / "labels.csv")
        assert len(read(tmp_path / "labels.csv")) == 2
        assert "1 labels by authors left out" in capsys.readouterr().out
        assert len(list(gold_labels.settled_labels())) == 2


def test_file_that_cannot_be_written_is_an_error_and_stays_unchanged(settled, tmp_path):
    (tmp_path / "labels.csv").mkdir()
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("export_labels", tmp_path / "labels.csv")
    assert [path.name for path in tmp_path.iterdir()] == ["labels.csv"]


def test_settled_labels_of_visible_reviews_are_given_to_the_gate(settled):
    hide_review(review=settled[1])
    assert gold_labels.settled_labels in gold.providers
    assert list(gold_labels.settled_labels()) == [('Good, "really"\ngood.', False)]
