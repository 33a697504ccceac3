import numpy as np
import pytest

from mlmodel.sentiment.data.sentences import sentences
from mlmodel.sentiment.evaluation.short_text import evaluate_sentences

REVIEW = "It was fine at first. Then it was bad indeed. A fine end came late."
P_POSITIVE = {text: 0.1 if "bad" in text else 0.9 for text in sentences(REVIEW)}


def test_sentences_are_evaluated_by_place():
    found = evaluate_sentences(P_POSITIVE, [REVIEW] * 2, np.array([True, True]))
    assert found["places"]["first"] == {"n": 2, "accuracy": 1.0, "ece": pytest.approx(0.1)}
    assert found["places"]["last"]["accuracy"] == 1.0


def test_every_sentence_counts_in_a_length_slice():
    found = evaluate_sentences(P_POSITIVE, [REVIEW] * 2, np.array([True, False]))
    assert found["n"] == 6
    assert found["slices"]["under 15"]["n"] == 6
    assert sum(bin["n"] for bin in found["reliability"]) == 6


def test_a_review_of_one_sentence_has_no_sentence_metrics():
    assert evaluate_sentences({}, ["A bad film it was."], np.array([False])) == {}
