"""The preview of a prediction, while typing and with a button."""

import pytest
from django.urls import reverse

from mlmodel.sentiment import Prediction
from reviews.models import MovieReview

pytestmark = pytest.mark.django_db
LIVE = {"HTTP_X_PREVIEW": "1"}


@pytest.fixture
def write(client, movie):
    def ask(text, **headers):
        address = reverse("reviews:create", args=[movie.slug])
        return client.post(address, {"text": text, "preview": "1"}, **headers)

    return ask


def test_button_shows_the_prediction_and_keeps_the_text(write):
    page = write("Bad, sadly.")
    assert page.context["prediction"].label == "negative"
    assert page.context["form"]["text"].value() == "Bad, sadly."


def test_preview_stores_nothing(write):
    write("Bad, sadly.")
    write("Bad, sadly.", **LIVE)
    assert not MovieReview.objects.exists()


def test_live_preview_is_a_fragment_of_a_page(write):
    html = write("<b>Good</b>", **LIVE).content.decode()
    assert "data-announce" in html
    assert "<html" not in html
    assert "&lt;b&gt;Good" in html


@pytest.mark.parametrize("trouble", ["no_model", "broken_scorer"])
def test_preview_without_a_model_keeps_the_text(write, trouble, request):
    request.getfixturevalue(trouble)
    page = write("Bad, sadly.")
    assert page.status_code == 503
    assert page.context["form"]["text"].value() == "Bad, sadly."


def test_empty_text_is_not_scored(write):
    assert write(" \u200b", **LIVE).status_code == 400


def test_previews_are_limited(write, set_rate):
    set_rate("predict", "1/min")
    assert [write("Good.", **LIVE).status_code for _ in range(2)] == [200, 429]


def test_try_page_has_a_live_preview(client):
    html = client.post(reverse("mlmodel:try"), {"text": "Bad."}, **LIVE).content.decode()
    assert "Negative" in html
    assert "<html" not in html


@pytest.mark.parametrize(
    ("language", "prediction", "sentence"),
    [
        (
            "en",
            Prediction(0.5, 1.0, "too_short"),
            "This is too short for a label. Write a few words",
        ),
        ("de", Prediction(0.5, 1.0, "too_short"), "Schreib in ein paar Worten, wie du den Film"),
        (
            "en",
            Prediction(0.5, 0.6, "another_language", "de"),
            "English only, and this looks like German",
        ),
        (
            "de",
            Prediction(0.5, 0.6, "another_language", "fr"),
            "Englisch, und das sieht nach Französisch",
        ),
        ("en", Prediction(0.5, 0.6, "another_language", "war"), "this looks like another language"),
        ("en", Prediction(0.5, 0.3, "unknown_words"), "knows only 30% of these words"),
    ],
)
def test_preview_says_why_a_text_has_no_label(write, fixed_scorer, language, prediction, sentence):
    fixed_scorer.predict = lambda text: prediction
    html = write("Soso.", **LIVE, HTTP_ACCEPT_LANGUAGE=language).content.decode()
    assert sentence in " ".join(html.split())
    assert ("will not count" if language == "en" else "zählt nicht") in html


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("en", "The model reads English only."), ("de", "Das Modell liest nur Englisch.")],
)
def test_form_says_before_anyone_writes_that_the_model_reads_english(
    client, movie, language, sentence
):
    for name in ("reviews:create", "movies:detail"):
        page = client.get(reverse(name, args=[movie.slug]), HTTP_ACCEPT_LANGUAGE=language)
        assert sentence in page.content.decode()


def test_try_page_says_why_a_text_has_no_label(client, fixed_scorer):
    fixed_scorer.predict = lambda text: Prediction(0.5, 1.0, "too_short")
    html = client.post(reverse("mlmodel:try"), {"text": "lol"}).content.decode()
    assert "This is too short for a label." in html
    assert "will not count" not in html
