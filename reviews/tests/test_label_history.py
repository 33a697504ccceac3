"""Who labelled and hid a review, from what to what, and never its words."""

import pytest
from django.urls import reverse

from mlmodel.sentiment.models.prediction import Prediction
from reviews.models import MovieReview
from reviews.rescoring.rescore import batches as batches_of
from reviews.rescoring.rescore import open_run, take_batch
from reviews.submission import dispute_review, edit_review, settle_label, withdraw_review

pytestmark = pytest.mark.django_db


def labels(review):
    return list(MovieReview.history.filter(id=review.pk).values_list("label", flat=True))


def test_a_correction_is_on_record_with_who_and_what(admin_client, admin_user, movie, make_review):
    review = make_review(movie, "Good.")
    address = reverse("admin:reviews_moviereview_change", args=[review.pk])
    admin_client.post(address, {"human_label": "negative"})
    assert labels(review) == ["negative", "positive"]
    assert review.history.first().history_user == admin_user
    page = admin_client.get(reverse("admin:reviews_moviereview_history", args=[review.pk]))
    assert "– → negative" in page.content.decode()


def test_hiding_is_on_record_with_its_reason(admin_client, movie, make_review):
    review = make_review(movie)
    address = reverse("admin:reviews_moviereview_change", args=[review.pk])
    admin_client.post(address, {"is_hidden": "on", "hidden_reason": "Insults."})
    assert review.history.first().hidden_reason == "Insults."


def test_what_changes_no_label_leaves_no_mark(movie, make_review):
    review = make_review(movie, "Good.")
    dispute_review(review=review)
    edit_review(review=review, text="Very good.")
    assert labels(review) == []


def test_an_edit_that_turns_the_label_is_on_record(movie, make_review):
    review = make_review(movie, "Good.")
    edit_review(review=review, text="Bad.")
    assert labels(review) == ["negative", "positive"]


def test_a_rescoring_that_turns_the_label_is_on_record(movie, make_review, release):
    turned, same = make_review(movie, "Good."), make_review(movie, "Good, too.")
    MovieReview.objects.update(release=None)
    run = open_run(release)
    [batch] = batches_of(run, 10)
    readings = [Prediction(0.1, 1.0, True), Prediction(0.9, 1.0, True)]
    take_batch(run, batch, readings)
    assert (labels(turned), labels(same)) == (["negative"], [])
    assert "positive to negative" in turned.history.first().history_change_reason


def test_no_word_is_kept_of_what_was_withdrawn(movie, make_review, user):
    review = make_review(movie, "Good.", author=user)
    settle_label(review=review, human_label="negative")
    pk = review.pk
    withdraw_review(review=review)
    kept = MovieReview.history.filter(id=pk)
    assert set(kept.values_list("history_type", flat=True)) == {"+", "~", "-"}
    assert not {"text", "author", "guest_name"} & {
        field.name for field in MovieReview.history.model._meta.fields
    }


def test_writing_a_review_costs_no_question_more(movie, make_review, django_assert_num_queries):
    review = make_review(movie)
    assert not MovieReview.history.exists()
    with django_assert_num_queries(0):
        assert review.audited_values()
