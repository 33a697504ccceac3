import pytest
from django.db import IntegrityError, transaction

from mlmodel.models import Promotion, Release

pytestmark = pytest.mark.django_db


@pytest.fixture
def three() -> list[Release]:
    return [
        Release.objects.create(version=name, algorithm="fixed", checksum=name * 64)
        for name in "abc"
    ]


def test_a_promotion_is_written_down_with_who_and_why(three, user, settings):
    settings.IMAGE_TAG = "site:7"
    a, b, _ = three
    a.promote(by_name="ci")
    b.promote(by=user, reason="reads irony")
    newest = Promotion.objects.newest_first().first()
    assert (newest.release, newest.previous, newest.by, newest.by_name) == (b, a, user, "ana")
    assert (newest.reason, newest.image_tag, newest.kind) == ("reads irony", "site:7", "promote")


def test_promoting_the_champion_again_is_no_promotion(three):
    three[0].promote()
    three[0].promote()
    assert Promotion.objects.count() == 1


def test_a_promotion_that_cannot_be_written_down_does_not_happen(three, monkeypatch):
    def full_disk(**kwargs):
        raise OSError("no space left")

    three[0].promote()
    monkeypatch.setattr(Promotion.objects, "create", full_disk)
    with pytest.raises(OSError, match="no space left"):
        three[1].promote()
    assert Release.objects.champion() == three[0]


def test_a_rollback_takes_back_the_promotion_before_it(three):
    a, b, c = three
    for release in three:
        release.promote()
    b.promote(kind="rollback")
    assert Promotion.objects.champions() == [a.pk, b.pk]


def test_what_was_pinned_is_left_by_a_rollback_like_any_other(three):
    a, b, c = three
    for release in three:
        release.promote()
    a.promote(kind="pin")
    assert Promotion.objects.champions() == [a.pk, b.pk, c.pk, a.pk]


def test_force_needs_a_reason(three):
    with pytest.raises(IntegrityError), transaction.atomic():
        three[0].promote(forced=True)
    assert Release.objects.champion() is None
