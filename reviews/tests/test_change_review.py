"""Editing, withdrawing, labelling and hiding reviews."""

import pytest

from reviews.models import Label, MovieReview
from reviews.submission import (
    edit_review,
    hide_review,
    settle_label,
    submit_review,
    unhide_review,
    withdraw_review,
)


def counters(movie):
    movie.refresh_from_db()
    return movie.n_reviews, movie.n_counted, movie.n_positive


def test_edited_review_is_scored_again(movie, make_review):
    review = edit_review(review=make_review(movie, "Good."), text="Bad.")
    assert review.label == Label.NEGATIVE
    assert counters(movie) == (1, 1, 0)


def test_new_text_loses_the_human_label(movie, make_review):
    review = settle_label(review=make_review(movie, "Good."), human_label=Label.NEGATIVE)
    review = edit_review(review=review, text="Really good.")
    assert (review.human_label, review.label) == ("", Label.POSITIVE)
    assert counters(movie) == (1, 1, 1)


def test_edit_with_the_same_text_keeps_the_human_label(movie, make_review):
    review = settle_label(review=make_review(movie, "Good."), human_label=Label.NEGATIVE)
    assert edit_review(review=review, text="Good.").human_label == Label.NEGATIVE


def test_review_edited_without_a_model_is_unread(movie, make_review, no_model):
    review = make_review(movie, "Good.")
    review = edit_review(review=review, text="Better.")
    assert (review.label, review.p_positive) == (Label.UNREAD, None)
    assert counters(movie) == (1, 0, 0)


def test_review_edited_while_the_scorer_fails_loses_the_old_prediction(movie, make_review, request):
    review = make_review(movie, "Good.")
    request.getfixturevalue("broken_scorer")
    review = edit_review(review=review, text="Better.")
    assert (review.label, review.p_positive, review.release) == (Label.UNREAD, None, None)
    assert counters(movie) == (1, 0, 0)


def test_withdrawn_review_is_deleted_and_not_counted(movie, make_review):
    review = make_review(movie, "Good.")
    withdraw_review(review=review)
    assert not MovieReview.objects.exists()
    assert counters(movie) == (0, 0, 0)


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


def test_human_label_counts(movie, make_review):
    review = settle_label(review=make_review(movie, "Good."), human_label=Label.NEGATIVE)
    assert (review.label, review.model_label) == (Label.NEGATIVE, Label.POSITIVE)
    assert counters(movie) == (1, 1, 0)
    assert (movie.n_human_negative, sum(movie.p_histogram)) == (1, 0)


def test_unreadable_review_counts_with_a_human_label(movie, make_review):
    settle_label(review=make_review(movie, "zzz"), human_label=Label.POSITIVE)
    assert counters(movie) == (1, 1, 1)


def test_empty_human_label_restores_the_label_of_the_model(movie, make_review):
    review = settle_label(review=make_review(movie, "Good."), human_label=Label.NEGATIVE)
    assert settle_label(review=review, human_label="").label == Label.POSITIVE
    assert counters(movie) == (1, 1, 1)


def test_hidden_review_is_not_counted_until_it_is_shown(movie, make_review):
    review = hide_review(review=make_review(movie, "Good."))
    assert counters(movie) == (0, 0, 0)
    unhide_review(review=review)
    assert counters(movie) == (1, 1, 1)


def test_second_hiding_changes_nothing(movie, make_review):
    review = make_review(movie, "Good.")
    hide_review(review=review)
    hide_review(review=review)
    assert counters(movie) == (0, 0, 0)


def test_stale_movie_instance_does_not_overwrite_counters(movie):
    submit_review(movie=movie, text="Good.")
    submit_review(movie=movie, text="Fine.")  # the instance still says 0 reviews
    assert counters(movie) == (2, 2, 2)
