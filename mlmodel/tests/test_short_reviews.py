"""The short reviews are balanced, differ, and share no text with what models are measured by."""

import csv
from collections import Counter

import numpy as np
import pytest
from django.conf import settings

from mlmodel.sentiment.data.corpus import Corpus, read_corpus, text_key
from mlmodel.sentiment.data.short_reviews import PARTS, read_short_reviews
from mlmodel.sentiment.errors import CorpusError
from mlmodel.sentiment.evaluation import behaviour
from mlmodel.sentiment.evaluation.reference import load_reference
from mlmodel.sentiment.features.text import words

PATH = settings.BASE_DIR / "data/short_reviews.csv"
with PATH.open(encoding="utf-8", newline="") as stream:
    ROWS = list(csv.DictReader(stream))


CLEAR = [row for row in ROWS if row["sentiment"] != "mixed"]
EXAMPLE = "review,sentiment,device,writer,part\nFine by me.,positive,plain,ann,train\n"


def test_short_reviews_have_no_copies():
    keys = Counter(text_key(row["review"]) for row in ROWS)
    assert max(keys.values()) == 1
    assert all(row["device"] and row["writer"] for row in ROWS)


def test_the_test_part_has_two_thousand_reviews_and_shares_no_writer_with_the_training():
    train, test = (read_short_reviews(PATH, part=part) for part in PARTS)
    assert not set(train.writers) & set(test.writers)
    assert len(test) > 2_000
    assert len(set(test.devices)) > 20


def test_reviews_are_appended_with_a_weight_and_grouped_by_writer():
    corpus = Corpus(["A long one."], np.array([False]), ["tt1"], [7])
    short = read_short_reviews(PATH, part="train")
    longer, weights = short.added_to(corpus, weight=2)
    assert len(longer) == len(weights) == 1 + len(short)
    assert weights.tolist()[:3] == [1, 2, 2]
    assert longer.texts[:2] == ["A long one.", short.texts[0]]
    assert longer.movies[:2] == ["tt1", f"writer {short.writers[0]}"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (",part\n", "\n", "has no column 'part'"),
        ("positive", "good", "row 2: sentiment is 'good', not positive or negative or mixed"),
        (",train\n", ",dev\n", "row 2: part is 'dev', not train or test"),
        ("Fine by me.", " ", "row 2: the review is empty"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(tmp_path, old, new, message):
    path = tmp_path / "short.csv"
    path.write_text(EXAMPLE.replace(old, new), encoding="utf-8")
    with pytest.raises(CorpusError, match=message):
        read_short_reviews(path, part="train")


def test_a_missing_file_is_said(tmp_path):
    with pytest.raises(CorpusError, match="cannot read"):
        read_short_reviews(tmp_path / "absent.csv", part="train")


@pytest.mark.parametrize("column", ["device", "writer"])
def test_short_reviews_are_balanced(column):
    n = Counter(row[column] for row in CLEAR)
    n_positive = Counter(row[column] for row in CLEAR if row["sentiment"] == "positive")
    assert all(0.45 < n_positive[name] / total < 0.55 for name, total in n.items())


def test_short_reviews_are_short():
    assert max(len(row["review"].split()) for row in ROWS) < 80


def test_short_reviews_share_no_text_with_the_exams():
    demo = read_corpus(settings.BASE_DIR / "data/demo_reviews.csv").texts
    cases = behaviour.load_cases() + behaviour.load_readability_cases()
    exams = [*load_reference().texts, *demo, *(text for case in cases for text in case.texts)]
    known = {tuple(words(text)) for text in exams} - {()}  # emoji alone
    assert not [row["review"] for row in ROWS if tuple(words(row["review"])) in known]
