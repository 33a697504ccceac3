import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import DatabaseError, InterfaceError
from django.urls import reverse
from django.utils import timezone

from status import heartbeat
from status.models import ServingProcess

ADDRESS = "/admin/status/"


@pytest.fixture
def curator(client, user):
    user.is_staff = True
    user.save()
    user.user_permissions.add(Permission.objects.get(codename="change_moviereview"))
    client.force_login(user)
    return client


def test_each_process_shows_the_model_it_serves(curator, release):
    heartbeat.tell()
    heartbeat.tell()
    ServingProcess.objects.create(name="other:7", model_version="older-9", n_dropped=1234)
    page = curator.get(ADDRESS).content.decode()
    assert ServingProcess.objects.count() == 2
    for shown in ("test-1", "older-9", "1,234"):
        assert shown in page


def test_a_process_that_is_gone_is_shown_no_more(curator):
    long_ago = timezone.now() - timedelta(minutes=5)
    ServingProcess.objects.create(name="gone:7", seen_at=long_ago)
    assert "gone:7" not in curator.get(ADDRESS).content.decode()


def test_a_process_long_gone_is_forgotten(db, release):
    ServingProcess.objects.create(name="gone:7", seen_at=timezone.now() - timedelta(hours=2))
    heartbeat.tell()
    assert not ServingProcess.objects.filter(name="gone:7").exists()


def test_a_process_without_a_model_tells_of_itself_too(db, no_model):
    heartbeat.tell()
    assert ServingProcess.objects.get().model_version == ""


def test_unread_reviews_and_the_champion_are_shown(curator, movie, make_review, release, no_model):
    make_review(movie)
    page = curator.get(ADDRESS).content.decode()
    assert "Unread reviews" in page
    assert str(release) in page


def test_what_is_not_known_is_no_number(curator, monkeypatch):
    from status import gauges

    def fail():
        raise DatabaseError("canceling statement due to statement timeout")

    for name, (meaning, _ask) in gauges.FROM_DATABASE.items():
        monkeypatch.setitem(gauges.FROM_DATABASE, name, (meaning, fail))
    page = curator.get(ADDRESS)
    assert page.status_code == 200
    row = re.compile(r"<th scope=\"row\">([^<]+)</th>\s*<td>\s*([^<]*?)\s*</td>")
    shown = dict(row.findall(page.content.decode()))
    assert (shown["Unread reviews"], shown["Database"]) == ("–", "–")
    assert shown["Free on the disk"].endswith("%")


def test_the_status_asks_a_fixed_number_of_queries(curator, release, django_assert_max_num_queries):
    ServingProcess.objects.bulk_create(ServingProcess(name=f"host:{n}") for n in range(50))
    with django_assert_max_num_queries(32):
        curator.get(ADDRESS)


def test_the_status_is_for_curators(client, user):
    assert client.get(ADDRESS).status_code == 302
    user.is_staff = True
    user.save()
    client.force_login(user)
    assert client.get(ADDRESS).status_code == 403


def test_the_admin_leads_to_the_status(curator):
    assert reverse("admin-status") in curator.get("/admin/").content.decode()


def test_a_heart_beats_on_after_an_error_that_nobody_foresaw(db, monkeypatch):
    beats = []

    class Pause:
        def wait(self, seconds):
            if len(beats) == 2:
                raise SystemExit

    def tell():
        beats.append(1)
        raise InterfaceError("connection already closed")

    monkeypatch.setattr(heartbeat, "tell", tell)
    monkeypatch.setattr(heartbeat.threading, "Event", Pause)
    with pytest.raises(SystemExit):
        heartbeat._beat()
    assert len(beats) == 2
