"""Editing, withdrawing, labelling and hiding reviews."""

import pytest

from reviews.models import Label, MovieReview
from reviews.submission import edit_review, settle_label, withdraw_review


def counters(movie):
    movie.refresh_from_db()
    return movie.n_reviews, movie.n_counted, movie.n_positive


def test_edit_with_the_same_text_keeps_the_human_label(movie, make_review):
    review = settle_label(review=make_review(movie, "Good."), human_label=Label.NEGATIVE)
    assert edit_review(review=review, text="Good.").human_label == Label.NEGATIVE


@pytest.mark.parametrize("trouble", ["no_model", "broken_scorer"])
def test_review_edited_without_a_working_model_loses_the_old_prediction(
    movie, make_review, trouble, request
):
    review = make_review(movie, "Good.")
    request.getfixturevalue(trouble)
    review = edit_review(review=review, text="Better.")
    assert (review.label, review.p_positive, review.release) == (Label.UNREAD, None, None)
    assert counters(movie) == (1, 0, 0)


def test_second_withdrawal_changes_nothing(movie, make_review):
    review, _other = make_review(movie, "Good."), make_review(movie, "Good.")
    again = MovieReview.objects.get(pk=review.pk)
    withdraw_review(review=review)
    withdraw_review(review=again)
    assert counters(movie) == (1, 1, 1)


def test_edit_of_a_withdrawn_review_fails(movie, make_review):
    review = make_review(movie, "Good.")
    stale = MovieReview.objects.get(pk=review.pk)
    withdraw_review(review=review)
    with pytest.raises(MovieReview.DoesNotExist):
        edit_review(review=stale, text="Bad.")


def test_empty_human_label_restores_the_label_of_the_model(movie, make_review):
    review = settle_label(review=make_review(movie, "Good."), human_label=Label.NEGATIVE)
    assert settle_label(review=review, human_label="").label == Label.POSITIVE
    assert counters(movie) == (1, 1, 1)
