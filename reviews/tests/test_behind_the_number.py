"""The charts and quotes behind a movie's freshness."""

import pytest

from mlmodel.sentiment.models.explanation import Contribution, Explanation, Span
from mlmodel.sentiment.models.quantification import N_BINS
from reviews.models import MovieReview
from reviews.pages import quotes
from reviews.pages.charts import confidence_chart, history_chart
from reviews.tests.test_freshness_history import old_movie  # noqa: F401

pytestmark = pytest.mark.django_db


def test_history_chart_reaches_from_the_first_month_to_the_last(client, old_movie):  # noqa: F811
    chart = client.get(old_movie.get_absolute_url()).context["history"]
    assert [place.x for place in chart.places] == [0, 100]
    assert chart.places[-1].y == pytest.approx(100 * (1 - old_movie.freshness), abs=0.01)


def test_history_chart_is_left_out_for_a_single_month(movie, make_reviews, client):
    make_reviews(movie, 6)
    assert client.get(movie.get_absolute_url()).context["history"] is None
    assert history_chart([]) is None


def test_confidence_rows_count_every_prediction_once():
    chart = confidence_chart(range(1, N_BINS + 1))
    assert sum(row.n_positive + row.n_negative for row in chart.rows) == chart.n == 210
    assert (chart.rows[0].n_positive, chart.rows[0].n_negative) == (19 + 20, 1 + 2)


def test_every_bar_with_a_prediction_is_visible():
    bars = confidence_chart([1, *[0] * (N_BINS - 2), 1_000_000]).bars
    assert [bar.height > 1 for bar in bars if bar.n] == [True, True]
    assert [(bar.side, bar.low, bar.high) for bar in (bars[0], bars[-1])] == [
        ("negative", 95, 100),
        ("positive", 95, 100),
    ]


def test_most_confident_review_of_each_label_is_quoted(client, movie, make_review):
    good, bad = make_review(movie, "Good."), make_review(movie, "Bad.")
    MovieReview.objects.filter(pk=make_review(movie).pk).update(p_positive=0.6)
    quotes_shown = client.get(movie.get_absolute_url()).context["quotes"]
    assert [one.review for one in quotes_shown] == [good, bad]


def test_spoilers_are_not_quoted(client, movie, make_review):
    make_review(movie, "He is a ghost.", has_spoilers=True)
    assert client.get(movie.get_absolute_url()).context["quotes"] == []


def test_quote_is_the_sentence_with_the_most_weight(movie, make_review, monkeypatch, fixed_scorer):
    spans = (Span("It is ok. A "), Span("wonderful", 1.5), Span(" end! Too "), Span("long", -0.4))
    text = "".join(span.text for span in spans)
    explained = Explanation(fixed_scorer.predict(text), spans, (Contribution("x", 1.0),), 1.0, 0.0)
    monkeypatch.setattr(type(fixed_scorer), "explain", lambda self, text: explained)
    assert quotes.quote(make_review(movie, text)) == "A wonderful end!"


@pytest.mark.parametrize("trouble", ["no_model", "broken_scorer"])
def test_movie_page_shows_quotes_without_a_model(client, movie, make_review, trouble, request):
    make_review(movie, "Good. Really.")
    request.getfixturevalue(trouble)
    [quote] = client.get(movie.get_absolute_url()).context["quotes"]
    assert quote.words == "Good."


def test_movie_without_reviews_has_no_charts(client, movie):
    page = client.get(movie.get_absolute_url())
    assert 'class="behind"' not in page.content.decode()
