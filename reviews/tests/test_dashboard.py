"""The first page of the admin."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from mlmodel.models import Release
from reviews.models import MovieReview
from reviews.moderation.reports import report_review
from reviews.submission import dispute_review

pytestmark = pytest.mark.django_db

ADDRESS = reverse("admin:index")
QUEUE = reverse("admin:reviews_moviereview_queue")


@pytest.fixture
def waiting(movie, make_review):
    disputed, reported, unsure, unread = (make_review(movie, f"Good {n}.") for n in range(4))
    dispute_review(review=disputed, note="I was joking.")
    report_review(review=reported, reason="spam")
    long_ago = timezone.now() - timedelta(days=3)
    MovieReview.objects.filter(pk=disputed.pk).update(disputed_at=long_ago)
    MovieReview.objects.filter(pk=unsure.pk).update(p_positive=0.51)
    MovieReview.objects.filter(pk=unread.pk).update(model_label="unread", label="unread")
    movie.bursts.create()


def piles(client):
    return {pile.test_id: pile for pile in client.get(ADDRESS).context["waiting"]}


@pytest.fixture
def staff(user, user_client):
    user.is_staff = True
    user.save()
    return user_client


def test_dashboard_shows_how_much_waits_and_since_when(admin_client, waiting):
    found = piles(admin_client)
    assert {name: pile.n for name, pile in found.items()} == dict.fromkeys(
        ("disputed", "unsure", "reported", "bursts", "unread"), 1
    )
    assert all(pile.oldest for pile in found.values())
    assert (timezone.now() - found["disputed"].oldest).days == 3


def test_empty_dashboard_says_so(admin_client):
    assert {pile.n for pile in piles(admin_client).values()} == {0}
    assert "The queue is empty." in admin_client.get(ADDRESS).content.decode()


def test_every_pile_leads_to_a_page(admin_client, waiting):
    for pile in piles(admin_client).values():
        assert admin_client.get(pile.address).status_code == 200


def test_dashboard_says_who_did_what(admin_client, admin_user, movie, make_review):
    data = {"action": "hide", "_selected_action": [make_review(movie).pk], "reason": "Insults."}
    admin_client.post(reverse("admin:reviews_moviereview_changelist"), data)
    page = admin_client.get(ADDRESS)
    assert [row["user__username"] for row in page.context["curators"]] == [admin_user.username]
    assert "Hidden: Insults" in page.content.decode()


def test_log_is_translated(admin_client, movie, make_review):
    data = {"action": "hide", "_selected_action": [make_review(movie).pk]}
    admin_client.post(reverse("admin:reviews_moviereview_changelist"), data)
    page = admin_client.get(ADDRESS, headers={"accept-language": "de"}).content.decode()
    assert '<span class="actions__what">Ausgeblendet</span>' in page


def test_dashboard_shows_the_model_that_came_with_the_code(admin_client, release):
    Release.objects.update(is_champion=False)
    assert f"Serving: {release}, came with the code" in admin_client.get(ADDRESS).content.decode()


def test_dashboard_needs_the_permission_to_change_reviews(staff, user, waiting):
    assert "waiting" not in staff.get(ADDRESS).context
    user.user_permissions.add(Permission.objects.get(codename="change_moviereview"))
    assert "waiting" in staff.get(ADDRESS).context


def test_dashboard_requires_a_login(client):
    assert client.get(ADDRESS).url.startswith("/admin/login/")


@pytest.mark.parametrize("address", [ADDRESS, reverse("admin:movies_movie_changelist")])
def test_every_page_of_the_admin_links_the_queue(admin_client, address):
    assert f'href="{QUEUE}"' in admin_client.get(address).content.decode()


def test_dashboard_makes_a_fixed_number_of_queries(
    admin_client, waiting, movie, make_review, count_queries
):
    few = count_queries(admin_client.get, ADDRESS)
    for n in range(10):
        dispute_review(review=make_review(movie, f"Good again {n}."))
    assert count_queries(admin_client.get, ADDRESS) == few <= 24
