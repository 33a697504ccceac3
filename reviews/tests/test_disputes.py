"""Authors dispute the model's label, and a curator decides."""

import pytest

from reviews import freshness
from reviews.models import MovieReview
from reviews.moderation.reports import close_reports, report_review
from reviews.submission import (
    NothingToDispute,
    TextChanged,
    dispute_review,
    edit_review,
    settle_label,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def review(movie, make_review):
    return make_review(movie, "Good.")


def stored(review):
    return MovieReview.objects.get(pk=review.pk)


def test_dispute_keeps_label_and_freshness(movie, review):
    dispute_review(review=review, note="I meant it ironically.")
    changed = stored(review)
    assert changed.disputed_at
    assert (changed.label, changed.dispute_note) == ("positive", "I meant it ironically.")
    assert freshness.recount(freshness.lock_movie(movie.pk)) == {}


def test_second_dispute_keeps_the_place_in_the_queue(review):
    first = dispute_review(review=review).disputed_at
    assert dispute_review(review=review, note="More.").disputed_at == first


def test_unread_review_cannot_be_disputed(movie, make_review, no_model):
    with pytest.raises(NothingToDispute):
        dispute_review(review=make_review(movie, "Good."))


def test_new_text_loses_dispute_and_human_label(review, user):
    settle_label(review=review, human_label="negative", by=user)
    edit_review(review=review, text="Bad.")
    dispute_review(review=stored(review))
    edited = edit_review(review=stored(review), text="Good after all.")
    assert (edited.settled_at, edited.settled_by, edited.disputed_at) == (None, None, None)


def test_label_of_a_text_that_has_changed_is_rejected(review):
    edit_review(review=stored(review), text="Bad.")
    with pytest.raises(TextChanged):
        settle_label(review=review, human_label="positive")
    assert stored(review).human_label == ""


def test_account_can_report_a_review_only_once(review, user):
    assert report_review(review=review, reason="spam", reporter=user)
    assert not report_review(review=review, reason="abuse", reporter=user)
    assert stored(review).has_open_reports


def test_closed_report_can_be_repeated_only_after_an_edit(review):
    report_review(review=review, reason="spam")
    close_reports(review=review)
    assert not report_review(review=review, reason="spam")
    edit_review(review=stored(review), text="Buy my shoes.")
    assert report_review(review=review, reason="spam")
