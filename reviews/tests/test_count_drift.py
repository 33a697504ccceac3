from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from mlmodel.models import DriftDay, Release
from mlmodel.monitoring import daily_profiles
from mlmodel.monitoring.daily_profiles import drift_of, latest_figures
from mlmodel.sentiment.monitoring.baseline import Baseline
from mlmodel.sentiment.monitoring.profile import Profile
from reviews.daily_profiles import count_days
from reviews.models import MovieReview

pytestmark = pytest.mark.django_db


@pytest.fixture
def with_reference(monkeypatch):
    half = Profile.of([3] * 400, [1.0] * 400, [0.9, 0.1] * 200)
    monkeypatch.setattr(daily_profiles, "reference_of", lambda release: Baseline(half, half, 0.5))


def write(make_review, movie, n, text="A good film.", days_ago=0):
    for _ in range(n):
        review = make_review(movie, text)
        day = timezone.now() - timedelta(days=days_ago)
        MovieReview.objects.filter(pk=review.pk).update(created_at=day)


def test_each_day_has_its_own_profile(movie, make_review, release):
    write(make_review, movie, 2)
    write(make_review, movie, 3, days_ago=2)
    count_days(7)
    days = DriftDay.objects.values_list("day", "release", "n_reviews")
    today = timezone.localdate()
    assert list(days) == [(today - timedelta(days=2), release.pk, 3), (today, release.pk, 2)]


def test_counting_twice_changes_nothing(movie, make_review, release):
    write(make_review, movie, 3)
    rows = [[(d.day, d.n_reviews, d.profile) for d in count_days(7)] for _ in range(2)]
    assert rows[0] == rows[1]
    assert DriftDay.objects.count() == 1


def test_withdrawn_and_hidden_reviews_are_not_counted(movie, make_review, release):
    write(make_review, movie, 2)
    write(make_review, movie, 1, days_ago=1)
    count_days(7)
    MovieReview.objects.order_by("created_at").first().delete()
    MovieReview.objects.filter(pk=MovieReview.objects.last().pk).update(is_hidden=True)
    count_days(7)
    assert list(DriftDay.objects.values_list("n_reviews", flat=True)) == [1]


def test_earlier_days_keep_their_profiles(movie, make_review, release):
    write(make_review, movie, 1, days_ago=5)
    count_days(7)
    MovieReview.objects.all().delete()
    count_days(2)
    assert DriftDay.objects.count() == 1


def test_unread_reviews_are_not_counted_and_unreadable_ones_are(movie, make_review, release):
    write(make_review, movie, 1, text="zzz")
    unread = make_review(movie)
    fields = {"model_label": "unread", "label": "unread", "p_positive": None}
    MovieReview.objects.filter(pk=unread.pk).update(**fields)
    (day,) = count_days(1)
    profile = Profile.from_dict(day.profile)
    assert (profile.n, profile.n_readable) == (1, 0)


def test_rescored_reviews_count_for_the_new_release(movie, make_review, release):
    write(make_review, movie, 2)
    count_days(7)
    other = Release.objects.create(version="9", checksum="9" * 64)
    MovieReview.objects.update(release=other)
    count_days(7)
    assert list(DriftDay.objects.values_list("release", flat=True)) == [other.pk]


def test_reviews_are_fetched_in_one_query(
    movie, make_review, release, django_assert_max_num_queries
):
    write(make_review, movie, 5)
    with django_assert_max_num_queries(5):  # with the transaction's own
        count_days(7)


def test_command_explains_the_drift(movie, make_review, release, with_reference, capsys):
    write(make_review, movie, 250)
    call_command("drift", days=3)
    output = capsys.readouterr().out
    assert "250 reviews of the last 3 days counted" in output
    assert "Label shift" in output


def test_command_reports_a_missing_reference(movie, make_review, release, capsys):
    write(make_review, movie, 1)
    call_command("drift")
    assert "has no baseline" in capsys.readouterr().out


def test_zero_days_are_rejected():
    with pytest.raises(CommandError, match="is not a number above 0"):
        call_command("drift", "--days=0")


def test_figures_for_monitoring_are_plain_numbers(movie, make_review, release, with_reference):
    write(make_review, movie, 250)
    count_days(1)
    figures = latest_figures()
    assert (figures["reviews"], figures["positives_moved"], figures["retrain"]) == (250, 1, 0)
    assert figures["positives_now"] > 0.9
    assert all(isinstance(value, int | float) for value in figures.values())


def test_figures_are_empty_without_a_model(no_model):
    assert latest_figures() == {}


def test_profile_with_other_classes_is_left_out(release):
    DriftDay.objects.create(
        day=timezone.localdate(), release=release, n_reviews=1, profile={"words": [1]}
    )
    assert drift_of(release).days == {}
