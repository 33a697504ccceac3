"""The short reviews are balanced, differ, and share no text with what models are measured by."""

import csv
from collections import Counter

import pytest
from django.conf import settings

from mlmodel.sentiment.data.corpus import check, read_corpus
from mlmodel.sentiment.evaluation import behaviour
from mlmodel.sentiment.evaluation.reference import load_reference
from mlmodel.sentiment.features.text import words

PATH = settings.BASE_DIR / "data/short_reviews.csv"
with PATH.open(encoding="utf-8", newline="") as stream:
    ROWS = list(csv.DictReader(stream))


def test_short_reviews_are_a_corpus_without_copies():
    check(read_corpus(PATH))
    assert all(row["device"] and row["writer"] for row in ROWS)


@pytest.mark.parametrize("column", ["device", "writer"])
def test_short_reviews_are_balanced(column):
    n = Counter(row[column] for row in ROWS)
    n_positive = Counter(row[column] for row in ROWS if row["sentiment"] == "positive")
    assert all(0.45 < n_positive[name] / total < 0.55 for name, total in n.items())


def test_short_reviews_are_short():
    assert max(len(row["review"].split()) for row in ROWS) < 80


def test_short_reviews_share_no_text_with_the_exams():
    demo = read_corpus(settings.BASE_DIR / "data/demo_reviews.csv").texts
    cases = behaviour.load_cases() + behaviour.load_readability_cases()
    exams = [*load_reference().texts, *demo, *(text for case in cases for text in case.texts)]
    known = {tuple(words(text)) for text in exams}
    assert not [row["review"] for row in ROWS if tuple(words(row["review"])) in known]
