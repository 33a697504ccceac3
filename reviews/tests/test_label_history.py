"""The history of a review's label and visibility, which never contains its text."""

import pytest
from django.urls import reverse

from mlmodel.sentiment.models.prediction import Prediction
from reviews.models import MovieReview
from reviews.rescoring import rescore
from reviews.submission import dispute_review, edit_review, settle_label, withdraw_review

pytestmark = pytest.mark.django_db


def labels(review):
    return list(MovieReview.history.filter(id=review.pk).values_list("label", flat=True))


def test_correction_is_recorded_with_the_curator(admin_client, admin_user, movie, make_review):
    review = make_review(movie, "Good.")
    address = reverse("admin:reviews_moviereview_change", args=[review.pk])
    admin_client.post(address, {"human_label": "negative"})
    assert labels(review) == ["negative", "positive"]
    assert review.history.first().history_user == admin_user
    page = admin_client.get(reverse("admin:reviews_moviereview_history", args=[review.pk]))
    assert "– → negative" in page.content.decode()


def test_hiding_is_recorded_with_its_reason(admin_client, movie, make_review):
    review = make_review(movie)
    address = reverse("admin:reviews_moviereview_change", args=[review.pk])
    admin_client.post(address, {"is_hidden": "on", "hidden_reason": "Insults."})
    assert review.history.first().hidden_reason == "Insults."


def test_change_that_keeps_the_label_is_not_recorded(movie, make_review):
    review = make_review(movie, "Good.")
    dispute_review(review=review)
    edit_review(review=review, text="Very good.")
    assert labels(review) == []


def test_edit_that_changes_the_label_is_recorded(movie, make_review):
    review = make_review(movie, "Good.")
    edit_review(review=review, text="Bad.")
    assert labels(review) == ["negative", "positive"]


def test_rescoring_that_changes_the_label_is_recorded(movie, make_review, release):
    changed, same = make_review(movie, "Good."), make_review(movie, "Good, too.")
    MovieReview.objects.update(release=None)
    run = rescore.open_run(release)
    [batch] = rescore.batches(run, 10)
    predictions = [Prediction(0.1, 1.0), Prediction(0.9, 1.0)]
    rescore.store_batch(run, batch, predictions)
    assert (labels(changed), labels(same)) == (["negative"], [])
    assert "positive to negative" in changed.history.first().history_change_reason


def test_history_of_a_withdrawn_review_has_no_text_and_no_author(movie, make_review, user):
    review = make_review(movie, "Good.", author=user)
    settle_label(review=review, human_label="negative")
    pk = review.pk
    withdraw_review(review=review)
    rows = MovieReview.history.filter(id=pk)
    assert set(rows.values_list("history_type", flat=True)) == {"+", "~", "-"}
    assert not {"text", "author", "guest_name"} & {
        field.name for field in MovieReview.history.model._meta.fields
    }


def test_new_review_has_no_history_rows(movie, make_review, django_assert_num_queries):
    review = make_review(movie)
    assert not MovieReview.history.exists()
    with django_assert_num_queries(0):
        assert review.audited_values()
