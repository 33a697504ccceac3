import re
from datetime import timedelta

import numpy as np
import pytest
from django.utils import timezone

from mlmodel.models import DriftDay, Release
from mlmodel.monitoring import daily_profiles
from mlmodel.monitoring.daily_profiles import reference_of
from mlmodel.sentiment.io.model_folder import folder_checksum
from mlmodel.sentiment.monitoring.baseline import Baseline
from mlmodel.sentiment.monitoring.profile import Profile

pytestmark = pytest.mark.django_db


def profile(n, *, share=0.5):
    p = [0.97] * round(n * share) + [0.03] * (n - round(n * share))
    return Profile.of([40] * n, np.linspace(0.9, 1, n), p)


@pytest.fixture
def with_reference(monkeypatch):
    half = profile(1000)
    monkeypatch.setattr(daily_profiles, "reference_of", lambda release: Baseline(half, half, 0.5))


@pytest.fixture
def count(release):
    def _count(n, *, days_ago=0, share=0.5, by=release):
        day = timezone.localdate() - timedelta(days=days_ago)
        values = profile(n, share=share).as_dict()
        DriftDay.objects.create(day=day, release=by, n_reviews=n, profile=values)

    return _count


def page(client):
    response = client.get("/model/drift/")
    assert response.status_code == 200
    return response.content.decode()


def test_drift_page_draws_and_explains_the_days(client, count, with_reference):
    for days_ago in range(3):
        count(100, days_ago=days_ago)
    html = page(client)
    assert html.count("<svg") - html.count('class="logo') >= 4
    assert "The reviews look like those the model was trained on." in html
    assert html.count("<circle") >= 12
    assert "300 reviews" in html


def test_drift_page_reports_a_label_shift(client, count, with_reference):
    count(400, share=0.9)
    html = page(client)
    assert "Label shift" in html
    assert html.count("drift-state--moved") == 1


def test_drift_page_shows_unreadable_reviews_and_recommends_training(
    client, release, with_reference
):
    strange = profile(300) + Profile.of([40] * 100, [0.2] * 100, [0.5] * 100)
    today = timezone.localdate()
    DriftDay.objects.create(day=today, release=release, n_reviews=400, profile=strange.as_dict())
    html = page(client)
    assert "Retraining would help" in html
    assert "<dt>Unreadable</dt><dd>25%</dd>" in html


def test_drift_page_needs_enough_reviews(client, count, with_reference):
    count(20, share=1.0)
    html = page(client)
    assert html.count("drift-state--few") == 4
    assert "drift-state--moved" not in html


def test_drift_page_leaves_out_old_days_and_other_releases(client, count, with_reference):
    count(100, by=Release.objects.create(version="old", checksum="1"))
    count(100, days_ago=28)
    assert "No data yet" in page(client)


def test_drift_page_reports_a_missing_baseline(client, count):
    count(300)
    html = page(client)
    assert "has no baseline" in html
    assert "has moved" not in html


def test_drift_page_works_without_a_model(client, no_model):
    assert "nothing to compare" in page(client)


def test_drift_page_has_no_inline_style_or_script(client, count, with_reference):
    count(300)
    html = page(client)
    assert not re.search(r"\sstyle=|<style|\son\w+=|<script(?![^>]*src=)", html)


def test_drift_needs_one_query_for_all_days(
    client, count, with_reference, django_assert_max_num_queries
):
    for days_ago in range(20):
        count(30, days_ago=days_ago)
    with django_assert_max_num_queries(1):
        page(client)


def test_model_page_links_to_the_drift_page(client, release):
    assert 'href="/model/drift/"' in client.get("/model/").content.decode()


def test_baseline_is_read_from_the_folder_of_the_release(settings, tmp_path, model_folders):
    settings.MODEL_STORE, settings.PRETRAINED_MODEL = tmp_path, tmp_path / "none"
    checksum = folder_checksum(model_folders[1])
    release = Release(version="3", checksum=checksum)
    assert reference_of(release) is None  # not fetched yet
    (tmp_path / checksum).symlink_to(model_folders[1])
    assert reference_of(release).reviews.n == 80
