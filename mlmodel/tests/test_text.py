import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.text import clean_text
from mlmodel.sentiment.features.text import STARS, fold, ngrams, token_spans, tokenize, words

UNDEFINED = re.compile("[\x81\x8d\x8f\x90\x9d]")  # in Windows-1252


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Didn't I say so?", ["didn't", "i", "say", "so", "?"]),
        ("GREAT!!", ["great", "!", "!"]),
        ("one<br /><br />two", ["one", "two"]),
        ("Amélie’s café, (old)", ["amélie's", "café", ",", "(", "old", ")"]),
        ("3 < 4 and 5 > 2", ["3", "4", "and", "5", "2"]),
        (" \n ", []),
        ("Loved it 😂😂 ❤️👍🏽", ["loved", "it", "😂", "😂", "❤", "👍"]),
        ("★★★½ or ⭐⭐⭐⭐", ["★★★", "½", "or", "★★★★"]),
        ("Soooo goooood, yesss", ["soo", "good", ",", "yess"]),
        ("Rocky III, jjjjj", ["rocky", "iii", ",", "jjjjj"]),
        ("word\x85word it\x92s \x8ei\x9eek", ["word", "word", "it's", "žižek"]),
    ],
)
def test_tokens_are_words_and_feeling_marks(text, tokens):
    assert tokenize(text) == tokens


def test_ngrams_are_runs_of_one_to_three_tokens():
    assert ngrams("so very good") == [
        "so",
        "very",
        "good",
        "so very",
        "very good",
        "so very good",
    ]


@pytest.mark.parametrize(
    ("text", "negated"),
    [
        ("not good", ["not", "¬good"]),
        ("never once in two hours dull", ["never", "¬once", "¬in", "¬two", "hours", "dull"]),
        ("not bad, good", ["not", "¬bad", ",", "good"]),
        ("no plot but fun", ["no", "¬plot", "but", "fun"]),
        ("not never good", ["not", "never", "¬good"]),
    ],
)
def test_a_negator_reaches_three_words_and_no_mark(text, negated):
    assert ngrams(text)[: len(negated)] == negated


@given(st.lists(st.sampled_from([*"ab '.", *map(chr, range(0x80, 0xA0))])).map("".join))
def test_windows_1252_has_the_tokens_of_its_repaired_spelling(text):
    assert tokenize(clean_text(UNDEFINED.sub("", text))) == tokenize(UNDEFINED.sub("", text))


@given(st.text())
def test_folding_keeps_every_character_in_its_place(text):
    assert len(fold(text)) == len(text)


@given(st.text())
def test_a_span_is_where_its_token_stands(text):
    folded = fold(text)
    spans = [folded[start:end] for start, end in token_spans(text)]
    for span, token in zip(spans, tokenize(text), strict=True):
        assert token == span or set(token) <= set(span) | set(STARS)


def test_emoji_are_no_words():
    assert words("Loved it 😂 ★★★") == ["loved", "it"]
