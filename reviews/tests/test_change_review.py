"""Editing, withdrawing, settling and hiding."""

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


def test_an_edited_review_is_read_again(movie, make_review):
    review = edit_review(review=make_review(movie, "Good."), text="Bad.")
    assert review.label == Label.NEGATIVE
    assert counters(movie) == (1, 1, 0)


def test_new_words_lose_the_human_label_of_the_old_ones(movie, make_review):
    review = settle_label(review=make_review(movie, "Good."), human_label=Label.NEGATIVE)
    review = edit_review(review=review, text="Really good.")
    assert (review.human_label, review.label) == ("", Label.POSITIVE)
    assert counters(movie) == (1, 1, 1)


def test_an_edit_that_changes_nothing_keeps_the_human_label(movie, make_review):
    review = settle_label(review=make_review(movie, "Good."), human_label=Label.NEGATIVE)
    assert edit_review(review=review, text="Good.").human_label == Label.NEGATIVE


def test_an_edit_without_a_model_waits_to_be_read(movie, make_review, no_model):
    review = make_review(movie, "Good.")
    review = edit_review(review=review, text="Better.")
    assert (review.label, review.p_positive) == (Label.UNREAD, None)
    assert counters(movie) == (1, 0, 0)


def test_an_edit_while_the_scorer_fails_forgets_the_old_reading(movie, make_review, request):
    review = make_review(movie, "Good.")
    request.getfixturevalue("broken_scorer")
    review = edit_review(review=review, text="Better.")
    assert (review.label, review.p_positive, review.release) == (Label.UNREAD, None, None)
    assert counters(movie) == (1, 0, 0)


def test_a_withdrawn_review_is_gone_and_counts_no_more(movie, make_review):
    review = make_review(movie, "Good.")
    withdraw_review(review=review)
    assert not MovieReview.objects.exists()
    assert counters(movie) == (0, 0, 0)


def test_withdrawing_twice_counts_once(movie, make_review):
    review, _other = make_review(movie, "Good."), make_review(movie, "Good.")
    again = MovieReview.objects.get(pk=review.pk)
    withdraw_review(review=review)
    withdraw_review(review=again)
    assert counters(movie) == (1, 1, 1)


def test_editing_a_withdrawn_review_fails(movie, make_review):
    review = make_review(movie, "Good.")
    stale = MovieReview.objects.get(pk=review.pk)
    withdraw_review(review=review)
    with pytest.raises(MovieReview.DoesNotExist):
        edit_review(review=stale, text="Bad.")


def test_the_human_label_counts(movie, make_review):
    review = settle_label(review=make_review(movie, "Good."), human_label=Label.NEGATIVE)
    assert (review.label, review.model_label) == (Label.NEGATIVE, Label.POSITIVE)
    assert counters(movie) == (1, 1, 0)
    assert (movie.n_human_negative, sum(movie.p_histogram)) == (1, 0)


def test_a_settled_unreadable_review_counts(movie, make_review):
    settle_label(review=make_review(movie, "zzz"), human_label=Label.POSITIVE)
    assert counters(movie) == (1, 1, 1)


def test_an_empty_human_label_hands_the_review_back_to_the_model(movie, make_review):
    review = settle_label(review=make_review(movie, "Good."), human_label=Label.NEGATIVE)
    assert settle_label(review=review, human_label="").label == Label.POSITIVE
    assert counters(movie) == (1, 1, 1)


def test_a_hidden_review_counts_no_more_until_it_is_shown(movie, make_review):
    review = hide_review(review=make_review(movie, "Good."))
    assert counters(movie) == (0, 0, 0)
    unhide_review(review=review)
    assert counters(movie) == (1, 1, 1)


def test_hiding_twice_counts_once(movie, make_review):
    review = make_review(movie, "Good.")
    hide_review(review=review)
    hide_review(review=review)
    assert counters(movie) == (0, 0, 0)


def test_a_stale_copy_of_a_movie_does_no_harm(movie):
    submit_review(movie=movie, text="Good.")
    submit_review(movie=movie, text="Fine.")  # the instance still says 0 reviews
    assert counters(movie) == (2, 2, 2)
