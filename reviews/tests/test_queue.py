"""The moderation queue."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from reviews import freshness
from reviews.models import MovieReview
from reviews.moderation.reports import report_review
from reviews.submission import dispute_review, edit_review, withdraw_review

pytestmark = pytest.mark.django_db

QUEUE = reverse("admin:reviews_moviereview_queue")


@pytest.fixture
def reviews(movie, make_review):
    """Return four reviews that need a curator; a fifth does not."""
    reported, unsure, surer, disputed, _fine = (make_review(movie, f"Good {n}.") for n in range(5))
    report_review(review=reported, reason="spam")
    MovieReview.objects.filter(pk=unsure.pk).update(p_positive=0.51)
    MovieReview.objects.filter(pk=surer.pk).update(p_positive=0.57)
    freshness.recount(freshness.lock_movie(movie.pk), save=True)
    dispute_review(review=disputed, note="I was joking.")
    return {"reported": reported, "unsure": unsure, "surer": surer, "disputed": disputed}


def shown(client, **query):
    return client.get(QUEUE, query).context["review"]


def decide(client, review, decision, **data):
    data = {"review": review.pk, "decision": decision, "seen": review.fingerprint} | data
    return client.post(QUEUE, data, follow=True)


def stored(review):
    return MovieReview.objects.get(pk=review.pk)


def test_queue_says_how_certain_the_label_is(admin_client, reviews):
    decide(admin_client, shown(admin_client), "positive")
    page = admin_client.get(QUEUE).content.decode()
    assert "The model’s label: <b>positive</b>, not sure (51%)." in page


def test_queue_shows_disputed_then_uncertain_then_reported_reviews(admin_client, reviews):
    order = []
    while review := shown(admin_client):
        order.append(review.pk)
        decide(admin_client, review, "positive")
    names = ("disputed", "unsure", "surer", "reported")
    assert order == [reviews[name].pk for name in names]


def test_decision_is_recorded_with_the_curator_and_counted(
    admin_client, admin_user, movie, reviews
):
    decide(admin_client, reviews["disputed"], "negative")
    settled = stored(reviews["disputed"])
    assert (settled.label, settled.model_label) == ("negative", "positive")
    assert (settled.settled_by, settled.disputed_at) == (admin_user, None)
    assert LogEntry.objects.get().get_change_message() == "In the queue: negative."
    assert freshness.recount(freshness.lock_movie(movie.pk)) == {}


def test_queue_shows_the_explanation_and_the_note(admin_client, reviews):
    html = admin_client.get(QUEUE).content.decode()
    assert '<mark class="word word--positive' in html
    assert "I was joking." in html


def test_skipped_review_can_be_shown_again(admin_client, reviews):
    decide(admin_client, reviews["disputed"], "skip")
    assert shown(admin_client) == reviews["unsure"]
    admin_client.post(QUEUE, {"decision": "unskip"})
    assert shown(admin_client) == reviews["disputed"]


def test_hiding_a_review_closes_its_reports(admin_client, reviews):
    decide(admin_client, reviews["reported"], "hide", reason="Spam.")
    hidden = stored(reviews["reported"])
    assert (hidden.is_hidden, hidden.has_open_reports) == (True, False)
    assert shown(admin_client, kind="reported") is None


def test_reported_review_can_be_kept(admin_client, reviews):
    decide(admin_client, reviews["reported"], "keep")
    kept = stored(reviews["reported"])
    assert (kept.is_hidden, kept.human_label, kept.has_open_reports) == (False, "", False)


def test_review_edited_in_the_meantime_is_not_labelled(admin_client, reviews):
    seen = reviews["disputed"].fingerprint
    edit_review(review=reviews["disputed"], text="Bad.")
    answer = decide(admin_client, reviews["disputed"], "positive", seen=seen)
    assert stored(reviews["disputed"]).human_label == ""
    assert '<li class="warning">' in answer.content.decode()


def test_review_withdrawn_in_the_meantime_is_not_an_error(admin_client, reviews):
    withdraw_review(review=reviews["disputed"])
    answer = decide(admin_client, reviews["disputed"], "positive")
    assert "has withdrawn this review" in answer.content.decode()


@pytest.mark.parametrize("data", [{}, {"decision": "eat"}, {"decision": "hide", "review": "x"}])
def test_invalid_form_changes_nothing(admin_client, reviews, data):
    assert admin_client.post(QUEUE, data).status_code == 302
    assert stored(reviews["disputed"]).disputed_at


def test_queue_can_be_limited_to_one_kind(admin_client, reviews):
    assert shown(admin_client, kind="reported") == reviews["reported"]
    assert shown(admin_client, kind="nonsense") == reviews["disputed"]


def test_visitor_is_redirected_to_sign_in(client, user, reviews):
    for visitor in (Client(), client):
        answer = visitor.post(QUEUE, {"review": reviews["disputed"].pk, "decision": "hide"})
        assert answer.url.startswith("/admin/login/")
        client.force_login(user)
    assert not stored(reviews["disputed"]).is_hidden


def test_queue_requires_the_permission_to_change_reviews(user_client, user, reviews):
    user.is_staff = True
    user.save()
    user.user_permissions.add(Permission.objects.get(codename="view_moviereview"))
    assert user_client.get(QUEUE).status_code == 403
    assert decide(user_client, reviews["disputed"], "hide").status_code == 403
    user.user_permissions.add(Permission.objects.get(codename="change_moviereview"))
    assert user_client.get(QUEUE).status_code == 200


def test_admin_list_links_the_queue(admin_client, reviews):
    assert (
        QUEUE in admin_client.get(reverse("admin:reviews_moviereview_changelist")).content.decode()
    )


def test_queue_makes_a_fixed_number_of_queries(
    admin_client, reviews, movie, make_review, django_assert_num_queries
):
    with django_assert_num_queries(8):
        admin_client.get(QUEUE)
    for n in range(10):
        dispute_review(review=make_review(movie, f"Good again {n}."))
    with django_assert_num_queries(8):
        admin_client.get(QUEUE)
