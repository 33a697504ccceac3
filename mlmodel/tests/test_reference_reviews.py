"""The reference reviews are balanced, and no training sees them."""

import numpy as np
import pytest
from django.conf import settings

from mlmodel.sentiment.data.corpus import read_corpus, text_key
from mlmodel.sentiment.evaluation.reference import (
    ReferenceSet,
    evaluate_reference,
    evaluate_short,
    load_reference,
)
from mlmodel.sentiment.features.text import words

REFERENCE = load_reference()
DEMO = settings.BASE_DIR / "data" / "demo_reviews.csv"


def test_reference_reviews_are_at_least_600_and_differ():
    assert len({text_key(text) for text in REFERENCE.texts}) == len(REFERENCE) >= 600


@pytest.mark.parametrize("kind", sorted(set(REFERENCE.kinds)))
def test_half_of_each_kind_of_reference_review_is_positive(kind):
    labels = REFERENCE.labels[np.array(REFERENCE.kinds) == kind]
    assert labels.sum() * 2 == len(labels)


def test_no_reference_review_is_among_the_demo_reviews():
    # By words, as the examination of labels compares: CI trains on the demo reviews.
    demo = {tuple(words(text)) for text in read_corpus(DEMO).texts}
    assert not demo & {tuple(words(text)) for text in REFERENCE.texts}


def test_figures_count_whole_texts_under_15_and_under_30_words():
    texts = [" ".join(["word"] * n) for n in (14, 15, 29, 30)]
    some = ReferenceSet(texts, np.array([True, True, False, False]), ["plain", "wry"] * 2)
    figures = evaluate_reference(some, np.array([0.9, 0.2, 0.2, 0.2]))
    assert (figures["n"], figures["accuracy"]) == (4, 0.75)
    assert [figures["short"][name]["n"] for name in ("under 15", "under 30")] == [1, 3]
    assert [figures["short"][name]["accuracy"] for name in ("under 15", "under 30")] == [1, 2 / 3]
    assert figures["kinds"] == {
        "plain": {"n": 2, "accuracy": 1.0},
        "wry": {"n": 2, "accuracy": 0.5},
    }


def test_figures_leave_out_lengths_that_no_text_has():
    figures = evaluate_short(["word " * 20], np.array([True]), np.array([0.9]))
    assert list(figures["short"]) == ["under 30"]
