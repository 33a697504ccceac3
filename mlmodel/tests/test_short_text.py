import numpy as np
import pytest

from mlmodel.sentiment.evaluation.short_text import evaluate_sentences

REVIEW = "It was fine at first. Then it was bad indeed. A fine end came late."


def test_sentences_are_read_by_their_place(fixed_scorer):
    found = evaluate_sentences(fixed_scorer, [REVIEW] * 2, np.array([True, True]))
    assert found["places"]["first"] == {"n": 2, "accuracy": 1.0, "ece": pytest.approx(0.1)}
    assert found["places"]["last"]["accuracy"] == 1.0


def test_every_sentence_is_in_a_slice_of_length(fixed_scorer):
    found = evaluate_sentences(fixed_scorer, [REVIEW] * 2, np.array([True, False]))
    assert found["n"] == 6
    assert found["slices"]["under 15"]["n"] == 6
    assert sum(bin["n"] for bin in found["reliability"]) == 6


def test_a_review_of_one_sentence_has_none_to_tell_apart(fixed_scorer):
    assert evaluate_sentences(fixed_scorer, ["A bad film it was."], np.array([False])) == {}
