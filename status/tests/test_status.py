import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import DatabaseError, InterfaceError
from django.urls import reverse
from django.utils import timezone

from mlmodel.models import Release
from observability import metrics
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


def test_status_page_shows_the_model_of_each_process(curator, release):
    heartbeat.record()
    heartbeat.record()
    ServingProcess.objects.create(name="other:7", model_version="older-9", n_dropped=1234)
    page = curator.get(ADDRESS).content.decode()
    assert ServingProcess.objects.count() == 2
    for shown in ("test-1", "older-9", "1,234"):
        assert shown in page


def test_status_page_does_not_show_a_missing_process(curator):
    long_ago = timezone.now() - timedelta(minutes=5)
    ServingProcess.objects.create(name="gone:7", seen_at=long_ago)
    assert "gone:7" not in curator.get(ADDRESS).content.decode()


def test_process_that_is_missing_for_long_is_deleted(db, release):
    ServingProcess.objects.create(name="gone:7", seen_at=timezone.now() - timedelta(hours=2))
    heartbeat.record()
    assert not ServingProcess.objects.filter(name="gone:7").exists()


def test_process_without_a_model_records_its_state(db, no_model):
    heartbeat.record()
    assert ServingProcess.objects.get().model_version == ""


def test_status_page_shows_unread_reviews_and_the_champion(
    curator, movie, make_review, release, no_model
):
    make_review(movie)
    page = curator.get(ADDRESS).content.decode()
    assert "Reviews not scored yet" in page
    assert str(release) in page


def test_status_page_shows_the_model_that_came_with_the_code_as_champion(curator, release):
    Release.objects.update(is_champion=False)
    page = curator.get(ADDRESS).content.decode()
    assert f"{release}, came with the code" in page


def test_status_page_shows_a_dash_for_a_number_that_cannot_be_read(curator, monkeypatch):
    def fail():
        raise DatabaseError("canceling statement due to statement timeout")

    for name in ("reviews_unread", "database_bytes"):
        gauge = metrics.SiteGauge("Always fails", fail, needs_database=True)
        monkeypatch.setitem(metrics._site_gauges, name, gauge)
    page = curator.get(ADDRESS)
    assert page.status_code == 200
    row = re.compile(r"<th scope=\"row\">([^<]+)</th>\s*<td>\s*([^<]*?)\s*</td>")
    shown = dict(row.findall(page.content.decode()))
    assert (shown["Reviews not scored yet"], shown["Database size"]) == ("–", "–")
    assert shown["Free disk space"].endswith("%")


def test_status_page_has_a_fixed_number_of_queries(curator, release, django_assert_max_num_queries):
    ServingProcess.objects.bulk_create(ServingProcess(name=f"host:{n}") for n in range(50))
    with django_assert_max_num_queries(32):
        curator.get(ADDRESS)


def test_status_page_is_for_curators(client, user):
    assert client.get(ADDRESS).status_code == 302
    user.is_staff = True
    user.save()
    client.force_login(user)
    assert client.get(ADDRESS).status_code == 403


def test_admin_links_to_the_status_page(curator):
    assert reverse("admin-status") in curator.get("/admin/").content.decode()


def test_heartbeat_continues_after_any_error(db, monkeypatch):
    attempts = []

    def fail():
        attempts.append(1)
        if len(attempts) == 2:
            raise SystemExit  # ends the test
        raise InterfaceError("connection already closed")

    monkeypatch.setattr(heartbeat, "record", fail)
    monkeypatch.setattr(heartbeat, "RECORD_INTERVAL_S", 0)
    monkeypatch.setattr(heartbeat, "METRICS_INTERVAL_S", 0)
    with pytest.raises(SystemExit):
        heartbeat.run()
    assert len(attempts) == 2
