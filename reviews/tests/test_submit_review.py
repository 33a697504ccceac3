import logging

import pytest

from mlmodel.sentiment.models.prediction import Prediction
from mlmodel.serving import champion
from reviews.models import Label, MovieReview
from reviews.submission import SAME_CLICK, AlreadyReviewed, hide_review, submit_review


def test_a_review_is_stored_with_what_the_model_read(movie, release):
    review = submit_review(movie=movie, text="A bad film.", author=None)
    review.refresh_from_db()
    assert (review.label, review.p_positive, review.release) == (Label.NEGATIVE, 0.1, release)


def test_a_review_counts_for_its_movie(movie):
    submit_review(movie=movie, text="Good.", author=None)
    submit_review(movie=movie, text="Bad.", author=None)
    movie.refresh_from_db()
    assert (movie.n_reviews, movie.n_counted, movie.n_positive) == (2, 2, 1)


def test_an_unreadable_review_is_kept_but_not_counted(movie):
    review = submit_review(movie=movie, text="zzz", author=None)
    movie.refresh_from_db()
    assert (review.label, movie.n_reviews, movie.n_counted) == (Label.UNREADABLE, 1, 0)


@pytest.mark.parametrize("trouble", ["no_model", "broken_scorer"])
def test_a_review_outlives_a_model_that_cannot_read_it(movie, trouble, request):
    request.getfixturevalue(trouble)
    review = submit_review(movie=movie, text="Loved it.", author=None)
    review.refresh_from_db()
    assert (review.text, review.label, review.p_positive) == ("Loved it.", Label.UNREAD, None)


@pytest.mark.parametrize("p_positive", [float("nan"), 1.5, -0.1])
def test_a_reading_that_is_no_probability_is_not_taken(movie, fixed_scorer, p_positive):
    fixed_scorer.predict = lambda text: Prediction(p_positive, 1.0, readable=True)
    with champion.use(champion.Served(fixed_scorer, None)):
        assert submit_review(movie=movie, text="Loved it.").label == Label.UNREAD


def test_a_failing_model_is_logged_without_the_text(movie, broken_scorer, caplog):
    submit_review(movie=movie, text="My secret opinion.", author=None)
    assert "stored unread" in caplog.text
    assert "secret" not in caplog.text


def test_an_account_reviews_a_movie_once(movie, user):
    submit_review(movie=movie, text="Good.", author=user)
    with pytest.raises(AlreadyReviewed):
        submit_review(movie=movie, text="Good again.", author=user)
    assert MovieReview.objects.count() == 1


def test_many_guests_review_the_same_movie(movie):
    submit_review(movie=movie, text="Good.", guest_name="Ana")
    submit_review(movie=movie, text="Good.", guest_name="Ben")
    submit_review(movie=movie, text="Fine.", guest_name="Ana")
    assert MovieReview.objects.count() == 3


def test_a_guests_second_click_is_the_same_review(movie):
    first = submit_review(movie=movie, text="Good.", guest_name="Ana")
    assert submit_review(movie=movie, text="Good.", guest_name="Ana") == first
    movie.refresh_from_db()
    assert movie.n_reviews == 1


def test_the_same_words_of_a_guest_on_another_movie_are_another_review(make_movies):
    one, two = make_movies(2)
    assert submit_review(movie=one, text="Good.") != submit_review(movie=two, text="Good.")


def test_the_same_words_of_a_guest_are_another_review_a_minute_later(movie):
    first = submit_review(movie=movie, text="Good.")
    MovieReview.objects.update(created_at=first.created_at - SAME_CLICK)
    assert submit_review(movie=movie, text="Good.") != first


def test_words_that_were_hidden_may_come_again(movie):
    first = hide_review(review=submit_review(movie=movie, text="Good."))
    assert submit_review(movie=movie, text="Good.") != first


def test_an_account_needs_no_guest_name(movie, user):
    review = submit_review(movie=movie, text="Good.", author=user, guest_name="somebody else")
    assert review.author_name == "ana"


def test_a_submission_is_an_event_with_its_reading_and_without_its_text(movie, release, caplog):
    caplog.set_level(logging.INFO, "observability.events")
    submit_review(movie=movie, text="A secret opinion.", author=None)
    prediction, submitted = caplog.records
    assert (prediction.event_type, submitted.event_type) == ("PREDICTION", "REVIEW_SUBMITTED")
    assert submitted.fields["movie_id"] == movie.pk
    assert submitted.fields["sentiment"] == "positive"
    assert submitted.fields["confidence"] == 0.9
    assert submitted.fields["model_version"] == "test-1"
    assert submitted.fields["latency_ms"] >= 0
    assert "secret" not in str(vars(submitted)) + str(vars(prediction))
