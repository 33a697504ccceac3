"""How the weight of words is said."""

import pytest

from mlmodel.sentiment.models.explanation import STRENGTHS, Span
from mlmodel.templatetags.explained import SAID, said, signed


@pytest.mark.parametrize(
    ("weight", "words"),
    [(0.05, "a little for it"), (0.7, "decisively for it"), (-0.2, "against it"), (0.0, "")],
)
def test_a_phrase_says_for_which_side_and_how_strongly(weight, words):
    assert said(Span("word", weight)) == words


def test_every_strength_has_its_words():
    assert {len(words) for words in SAID.values()} == {len(STRENGTHS)}


def test_a_weight_shows_its_sign():
    assert (signed(0.618), signed(-1.3)) == ("+0.62", "−1.30")
