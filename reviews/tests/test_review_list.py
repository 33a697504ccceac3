"""Filters and orders of the reviews on a movie's page."""

import pytest

from mlmodel.sentiment.models.prediction import Prediction
from mlmodel.serving import champion
from reviews.models import MovieReview
from reviews.submission import dispute_review, hide_review, settle_label

pytestmark = pytest.mark.django_db


class NumberScorer:
    """Take a text such as "0.8" as the probability; other texts are unreadable."""

    version = "numbers"

    def predict(self, text):
        try:
            return Prediction(float(text), vocabulary_coverage=1.0)
        except ValueError:
            return Prediction(0.5, vocabulary_coverage=0.0, reason="unknown_words")


@pytest.fixture
def listed(client, movie, make_review):
    """Return a function that returns the texts on the movie's page in their order."""

    def get_texts(**query):
        page = client.get(movie.get_absolute_url(), query)
        shown = [review.text for review in page.context["reviews"]]
        assert len(shown) == page.context["paginator"].count
        return shown

    with champion.override(champion.Served(NumberScorer(), None)):
        for text in ("0.95", "0.55", "none", "0.02", "0.30"):
            make_review(movie, text)
        hide_review(review=make_review(movie, "0.99"))
    return get_texts


@pytest.mark.parametrize(
    ("label", "shown"),
    [
        ("positive", ["0.55", "0.95"]),
        ("negative", ["0.30", "0.02"]),
        ("uncounted", ["none"]),
        ("nonsense", ["0.30", "0.02", "none", "0.55", "0.95"]),
    ],
)
def test_filtered_reviews_are_listed_newest_first(listed, label, shown):
    assert listed(label=label) == shown


def test_most_confident_prediction_comes_first(listed):
    assert listed(sort="confident") == ["0.02", "0.95", "0.30", "0.55"]
    assert listed(sort="confident", label="negative") == ["0.02", "0.30"]


def test_least_certain_prediction_is_disputed_most(listed):
    assert listed(sort="disputed") == ["0.55", "0.30", "0.95", "0.02"]


def test_contested_labels_come_before_uncertain_ones(listed):
    dispute_review(review=MovieReview.objects.get(text="0.95"))
    settle_label(review=MovieReview.objects.get(text="0.02"), human_label="positive")
    assert listed(sort="disputed") == ["0.95", "0.02", "0.55", "0.30"]


def test_confirmed_label_is_not_contested(listed):
    settle_label(review=MovieReview.objects.get(text="0.95"), human_label="positive")
    assert listed(sort="disputed")[0] == "0.55"


def test_pagination_keeps_the_filter(client, movie, make_reviews):
    make_reviews(movie, 21)
    html = client.get(movie.get_absolute_url(), {"label": "positive"}).content.decode()
    assert "?label=positive&amp;page=2#reviews" in html


@pytest.mark.parametrize("asked", [{"label": "\x00"}, {"sort": "'"}, {"label": "negative"}])
def test_list_without_reviews_works(client, movie, asked):
    assert client.get(movie.get_absolute_url(), asked).status_code == 200
