"""The reviews on a movie's page: of which label, in which order."""

import pytest

from mlmodel.sentiment.models.prediction import Prediction
from mlmodel.serving import champion
from reviews.models import MovieReview
from reviews.submission import dispute_review, hide_review, settle_label

pytestmark = pytest.mark.django_db


class ByNumber:
    """Reads "0.8" as a probability of 0.8, and what is no number as unreadable."""

    version = "numbers"

    def predict(self, text):
        try:
            return Prediction(float(text), vocabulary_coverage=1.0, readable=True)
        except ValueError:
            return Prediction(0.5, vocabulary_coverage=0.0, readable=False)


@pytest.fixture
def listed(client, movie, make_review):
    """Asks the movie's page for reviews of these texts; their texts in the order shown."""

    def ask(**asked):
        page = client.get(movie.get_absolute_url(), asked)
        shown = [review.text for review in page.context["reviews"]]
        assert len(shown) == page.context["paginator"].count
        return shown

    with champion.use(champion.Served(ByNumber(), None)):
        for text in ("0.95", "0.55", "none", "0.02", "0.30"):
            make_review(movie, text)
        hide_review(review=make_review(movie, "0.99"))
    return ask


@pytest.mark.parametrize(
    ("label", "shown"),
    [
        ("positive", ["0.55", "0.95"]),
        ("negative", ["0.30", "0.02"]),
        ("uncounted", ["none"]),
        ("nonsense", ["0.30", "0.02", "none", "0.55", "0.95"]),
    ],
)
def test_a_label_shows_its_reviews_newest_first(listed, label, shown):
    assert listed(label=label) == shown


def test_the_most_confident_reading_comes_first(listed):
    assert listed(sort="confident") == ["0.02", "0.95", "0.30", "0.55"]
    assert listed(sort="confident", label="negative") == ["0.02", "0.30"]


def test_the_least_sure_reading_is_disputed_most(listed):
    assert listed(sort="disputed") == ["0.55", "0.30", "0.95", "0.02"]


def test_what_its_author_or_a_curator_contests_comes_before(listed):
    dispute_review(review=MovieReview.objects.get(text="0.95"))
    settle_label(review=MovieReview.objects.get(text="0.02"), human_label="positive")
    assert listed(sort="disputed") == ["0.95", "0.02", "0.55", "0.30"]


def test_a_label_that_a_person_confirms_is_not_contested(listed):
    settle_label(review=MovieReview.objects.get(text="0.95"), human_label="positive")
    assert listed(sort="disputed")[0] == "0.55"


def test_a_page_of_a_filtered_list_keeps_the_filter(client, movie, make_review):
    for _ in range(21):
        make_review(movie)
    html = client.get(movie.get_absolute_url(), {"label": "positive"}).content.decode()
    assert "?label=positive&amp;page=2#reviews" in html


@pytest.mark.parametrize("asked", [{"label": "\x00"}, {"sort": "'"}, {"label": "negative"}])
def test_a_list_without_reviews_is_a_page(client, movie, asked):
    assert client.get(movie.get_absolute_url(), asked).status_code == 200
