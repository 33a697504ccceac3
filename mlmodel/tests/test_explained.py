"""Explanations, formatted for a page."""

import pytest

from mlmodel.sentiment.models.explanation import STRENGTHS, Span
from mlmodel.templatetags.explained import EFFECTS, certainty, effect, signed


@pytest.mark.parametrize(
    ("weight", "words"),
    [(0.05, "slightly positive"), (0.7, "decisively positive"), (-0.2, "negative"), (0.0, "")],
)
def test_effect_names_side_and_strength(weight, words):
    assert effect(Span("word", weight)) == words


def test_every_strength_has_a_phrase():
    assert {len(words) for words in EFFECTS.values()} == {len(STRENGTHS)}


def test_signed_weight_has_its_sign():
    assert (signed(0.618), signed(-1.3)) == ("+0.62", "−1.30")


@pytest.mark.parametrize(
    ("confidence", "words"),
    [(0.5, "not sure"), (0.6, "fairly sure"), (0.8, "sure"), (0.97, "very sure"), (None, "")],
)
def test_confidence_has_a_name_for_each_band(confidence, words):
    assert certainty(confidence) == words
