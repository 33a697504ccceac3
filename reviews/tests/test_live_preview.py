"""The preview of a prediction, while typing and with a button."""

import pytest
from django.urls import reverse

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


def test_text_that_is_too_short_is_not_scored(write):
    assert write("a", **LIVE).status_code == 400


def test_previews_are_limited(write, set_rate):
    set_rate("predict", "1/min")
    assert [write("Good.", **LIVE).status_code for _ in range(2)] == [200, 429]


def test_try_page_has_a_live_preview(client):
    html = client.post(reverse("mlmodel:try"), {"text": "Bad."}, **LIVE).content.decode()
    assert "Negative" in html
    assert "<html" not in html
