"""Reasons for hiding, and undoing decisions, in the moderation queue."""

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from reviews import freshness
from reviews.models import HideReason, MovieReview
from reviews.moderation.queue import pending_reviews
from reviews.moderation.reports import report_review
from reviews.submission import dispute_review, edit_review, settle_label

pytestmark = pytest.mark.django_db

QUEUE = reverse("admin:reviews_moviereview_queue")


@pytest.fixture
def review(movie, make_review, user):
    """A review that is disputed and reported."""
    review = make_review(movie, "A good film.", author=user)
    dispute_review(review=review, note="I was joking.")
    report_review(review=review, reason="spam")
    return stored(review)


def stored(review):
    return MovieReview.objects.get(pk=review.pk)


def decide(client, review, decision, **data):
    data = {"review": review.pk, "decision": decision, "seen": review.fingerprint} | data
    return client.post(QUEUE, data)


def undo(client):
    return client.post(QUEUE, {"decision": "undo"}, follow=True)


def state(review):
    found = stored(review)
    reports = list(found.reports.filter(closed_at=None))
    names = ("label", "human_label", "settled_at", "disputed_at", "dispute_note", "is_hidden")
    return [getattr(found, name) for name in names], found.has_open_reports, reports


def test_hiding_without_a_reason_is_refused(admin_client, review):
    answer = decide(admin_client, review, "hide", reason=" ")
    assert not stored(review).is_hidden
    assert answer.url == f"{QUEUE}?review={review.pk}"


def test_queue_offers_a_short_list_of_reasons(admin_client, review):
    page = admin_client.get(QUEUE).content.decode()
    assert [reason for reason in HideReason.values if f'value="{reason}"' in page] == list(
        HideReason.values
    )


def test_author_reads_a_listed_reason_in_their_language(admin_client, user_client, review):
    decide(admin_client, review, "hide", reason=HideReason.OFF_TOPIC.value)
    page = user_client.get(review.get_absolute_url(), headers={"accept-language": "de"})
    assert "Nicht über den Film" in page.content.decode()


def test_lists_of_the_admin_offer_the_same_reasons(admin_client, review):
    data = {"action": "hide", "_selected_action": [review.pk], "listed_reason": HideReason.SPAM}
    admin_client.post(reverse("admin:reviews_moviereview_changelist"), data)
    assert stored(review).hidden_reason == HideReason.SPAM


@pytest.mark.parametrize("decision", ["hide", "keep", "negative", "positive"])
def test_undo_restores_review_dispute_and_reports(admin_client, movie, review, decision):
    before = state(review)
    decide(admin_client, review, decision, reason="Insults.")
    assert state(review) != before
    undo(admin_client)
    assert state(review) == before
    assert freshness.recount(freshness.lock_movie(movie.pk)) == {}


def test_undo_shows_the_review_again(admin_client, review):
    decide(admin_client, review, "hide", reason="Insults.")
    assert undo(admin_client).context["review"] == review


def test_undo_is_recorded(admin_client, review):
    decide(admin_client, review, "hide", reason="Insults.")
    undo(admin_client)
    newest = LogEntry.objects.order_by("-pk").first()
    assert newest.get_change_message() == "Undone in the queue: hide."


def test_several_decisions_are_undone_in_turn(admin_client, movie, make_review, review):
    other = make_review(movie, "Another good film.")
    dispute_review(review=other)
    decide(admin_client, review, "hide", reason="Insults.")
    decide(admin_client, other, "negative")
    undo(admin_client)
    assert (stored(other).human_label, stored(review).is_hidden) == ("", True)
    undo(admin_client)
    assert not stored(review).is_hidden


def test_skipping_can_be_undone(admin_client, review):
    decide(admin_client, review, "skip")
    assert admin_client.get(QUEUE).context["review"] is None
    undo(admin_client)
    assert admin_client.get(QUEUE).context["review"] == review


def test_later_change_is_not_undone(admin_client, review, admin_user):
    decide(admin_client, review, "negative")
    settle_label(review=review, human_label="positive", by=admin_user)
    page = undo(admin_client).content.decode()
    assert stored(review).human_label == "positive"
    assert '<li class="warning">' in page


def test_text_rewritten_since_is_not_shown_again(admin_client, review):
    decide(admin_client, review, "hide", reason="Insults.")
    edit_review(review=stored(review), text="Worse insults.")
    undo(admin_client)
    assert stored(review).is_hidden


def test_undo_without_a_decision_does_nothing(admin_client, review):
    assert undo(admin_client).status_code == 200


def test_any_review_can_be_opened_in_the_queue(admin_client, movie, make_review, review):
    fine = make_review(movie, "A good film.")
    page = admin_client.get(QUEUE, {"review": fine.pk})
    assert (page.context["review"], page.context["found"]) == (fine, None)
    assert admin_client.get(QUEUE, {"review": "x"}).context["review"] == review


def test_decision_on_an_opened_review_leads_on_to_the_queue(admin_client, review):
    address = f"{QUEUE}?kind=disputed&review={review.pk}"
    data = {"review": review.pk, "decision": "keep", "seen": review.fingerprint}
    assert admin_client.post(address, data).url == f"{QUEUE}?kind=disputed"
    assert review not in pending_reviews("disputed")
