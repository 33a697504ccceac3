"""Texts in other languages, and texts without an opinion."""

import csv
import socket
from pathlib import Path

import pytest
from django.conf import settings

from mlmodel.sentiment.features.language import guess_language
from mlmodel.sentiment.models.readability import READABLE_SHARE, Readability, check_readability

with Path(__file__).with_name("other_languages.csv").open(encoding="utf-8") as stream:
    ROWS = list(csv.DictReader(stream))  # short reviews, written for this test
HINDI = "romanised Hindi"
CODES = {"German": "de", "French": "fr", "Spanish": "es", "Italian": "it", "Dutch": "nl"}


def texts_in(language: str) -> list[str]:
    return [row["review"] for row in ROWS if row["language"] == language]


def knows_pair(text: str) -> bool:
    return False


def share_of(reason: str, predictions) -> float:
    return sum(p.reason == reason for p in predictions) / len(predictions)


@pytest.mark.parametrize("language", sorted({row["language"] for row in ROWS} - {HINDI}))
def test_short_reviews_in_another_language_are_unreadable(scorer, language):
    predictions = scorer.predict_many(texts_in(language))
    assert sum(p.readable for p in predictions) <= 2


def test_most_reviews_in_romanised_hindi_are_unreadable(scorer):
    predictions = scorer.predict_many(texts_in(HINDI))
    assert sum(p.readable for p in predictions) <= len(predictions) // 2


@pytest.mark.parametrize(("language", "code"), CODES.items())
def test_the_language_is_named(scorer, language, code):
    languages = [p.language for p in scorer.predict_many(texts_in(language))]
    assert languages.count(code) >= 0.75 * len(languages)


def test_fewer_than_one_in_a_thousand_english_reviews_is_refused_for_its_language(scorer):
    with (settings.BASE_DIR / "data" / "short_reviews.csv").open(encoding="utf-8") as stream:
        predictions = scorer.predict_many([row["review"] for row in csv.DictReader(stream)])
    # Below this share they are unreadable in any language: most are full of typing errors.
    known = [p for p in predictions if p.vocabulary_coverage >= READABLE_SHARE]
    assert share_of("another_language", known) < 0.001
    assert share_of("too_short", known) < 0.001


@pytest.mark.parametrize(
    "text",
    [
        "Das Boot is the best submarine movie ever made.",
        "I left Les Misérables humming and in tears.",
        "La Dolce Vita bored me, sorry.",
        "“Je ne regrette rien”, she sings, and I regretted buying a ticket.",
        "The line is “Ich habe den ganzen Tag auf dich gewartet”, and the audience cried with her.",
        "Roma: gorgeous, glacial",
    ],
)
def test_an_english_review_that_quotes_another_language_is_readable(scorer, text):
    assert scorer.predict(text).readable


@pytest.mark.parametrize("text", ["lol", "First!!!", ".", "a", "hahaha", "who is here in 2025"])
def test_a_text_without_an_opinion_is_too_short(scorer, text):
    assert scorer.predict(text).reason == "too_short"


@pytest.mark.parametrize("text", ["See it.", "Watch this movie!", "second to none", "Not for me"])
def test_an_opinion_in_common_words_is_read(scorer, text):
    assert scorer.predict(text).readable


def test_words_without_weight_are_no_opinion(scorer):
    assert scorer.predict("Bump.").reason == "too_short"
    assert scorer.predict("Boring.").readable


@pytest.mark.parametrize("text", ["", "...", "💩💩"])
def test_a_text_without_words_is_too_short(scorer, text):
    assert scorer.predict(text).reason == "too_short"


def test_noise_has_unknown_words(scorer):
    assert scorer.predict("asdfghjkl asdfghjkl").reason == "unknown_words"


def test_one_unknown_word_is_not_called_another_language():
    assert check_readability("Wunderbarerweise", 1, 0, knows_pair) == Readability("unknown_words")


@pytest.mark.parametrize(
    ("n_known", "readability"), [(11, Readability()), (10, Readability("unknown_words"))]
)
def test_readable_from_fifty_five_per_cent_known_words(n_known, readability):
    text = "The plot is about a wonderful day with friends of mine and it made me laugh all day"
    assert check_readability(text, 20, n_known, knows_pair) == readability


def test_emoji_are_no_evidence_of_a_language():
    assert guess_language("😭😭 what a good cry 😭") == guess_language("what a good cry")


@pytest.mark.parametrize("text", ["", "\ud800", "a\nb", "🎬"])
def test_any_text_has_a_guess(text):
    assert 0 <= guess_language(text).probability <= 1


def test_the_identifier_needs_no_network(monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("the identifier wants to connect")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    from mlmodel.sentiment.features import language

    language._detector.cache_clear()
    assert guess_language("Ich fand den Film ziemlich langweilig.").code == "de"
