import pytest

from mlmodel.sentiment.models.prediction import Prediction
from mlmodel.serving import champion
from reviews.models import Label, MovieReview
from reviews.submission import SAME_CLICK, hide_review, submit_review


def test_review_counts_towards_its_movie(movie):
    submit_review(movie=movie, text="Good.", author=None)
    submit_review(movie=movie, text="Bad.", author=None)
    movie.refresh_from_db()
    assert (movie.n_reviews, movie.n_counted, movie.n_positive) == (2, 2, 1)


def test_unreadable_review_is_stored_and_not_counted(movie):
    review = submit_review(movie=movie, text="zzz", author=None)
    movie.refresh_from_db()
    assert (review.label, movie.n_reviews, movie.n_counted) == (Label.UNREADABLE, 1, 0)


@pytest.mark.parametrize(
    ("text", "n_counted"),
    [
        *(("👎", 1), ("⭐⭐⭐⭐⭐", 1), ("Overrated.", 1), ("masterpiece.", 1)),
        *((".", 0), ("First!", 0), ("lol", 0), ("Das war leider total langweilig.", 0)),
    ],
)
def test_only_texts_with_an_opinion_count(movie, scorer, text, n_counted):
    with champion.override(champion.Served(scorer, None)):
        submit_review(movie=movie, text=text)
    movie.refresh_from_db()
    assert (movie.n_reviews, movie.n_counted) == (1, n_counted)


@pytest.mark.parametrize("p_positive", [float("nan"), 1.5, -0.1])
def test_prediction_that_is_not_a_probability_is_discarded(movie, fixed_scorer, p_positive):
    fixed_scorer.predict = lambda text: Prediction(p_positive, 1.0)
    with champion.override(champion.Served(fixed_scorer, None)):
        assert submit_review(movie=movie, text="Loved it.").label == Label.UNREAD


def test_failure_of_the_model_is_logged_without_the_text(movie, broken_scorer, caplog):
    submit_review(movie=movie, text="My secret opinion.", author=None)
    assert "stored unread" in caplog.text
    assert "secret" not in caplog.text


def test_many_guests_can_review_the_same_movie(movie):
    submit_review(movie=movie, text="Good.", guest_name="Ana")
    submit_review(movie=movie, text="Good.", guest_name="Ben")
    submit_review(movie=movie, text="Fine.", guest_name="Ana")
    assert MovieReview.objects.count() == 3


def test_same_text_on_another_movie_is_another_review(make_movies):
    one, two = make_movies(2)
    assert submit_review(movie=one, text="Good.") != submit_review(movie=two, text="Good.")


def test_same_text_a_minute_later_is_another_review(movie):
    first = submit_review(movie=movie, text="Good.")
    MovieReview.objects.update(created_at=first.created_at - SAME_CLICK)
    assert submit_review(movie=movie, text="Good.") != first


def test_text_of_a_hidden_review_can_be_submitted_again(movie):
    first = hide_review(review=submit_review(movie=movie, text="Good."))
    assert submit_review(movie=movie, text="Good.") != first
