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


def test_promotion_is_stored_with_author_and_reason(three, user, settings):
    settings.IMAGE_TAG = "site:7"
    a, b, _ = three
    a.promote(by_name="ci")
    b.promote(by=user, reason="reads irony")
    newest = Promotion.objects.newest_first().first()
    assert (newest.release, newest.previous, newest.by, newest.by_name) == (b, a, user, "ana")
    assert (newest.reason, newest.image_tag, newest.kind) == ("reads irony", "site:7", "promote")


def test_promoting_the_champion_again_stores_nothing(three):
    three[0].promote()
    three[0].promote()
    assert Promotion.objects.count() == 1


def test_promotion_is_undone_if_it_cannot_be_stored(three, monkeypatch):
    def full_disk(**kwargs):
        raise OSError("no space left")

    three[0].promote()
    monkeypatch.setattr(Promotion.objects, "create", full_disk)
    with pytest.raises(OSError, match="no space left"):
        three[1].promote()
    assert Release.objects.champion() == three[0]


def test_rollback_reverts_the_promotion_before_it(three):
    a, b, c = three
    for release in three:
        release.promote()
    b.promote(kind="rollback")
    assert Promotion.objects.champions() == [a.pk, b.pk]


def test_rollback_reverts_a_pin(three):
    a, b, c = three
    for release in three:
        release.promote()
    a.promote(kind="pin")
    assert Promotion.objects.champions() == [a.pk, b.pk, c.pk, a.pk]


def test_forced_promotion_without_a_reason_violates_a_constraint(three):
    with pytest.raises(IntegrityError), transaction.atomic():
        three[0].promote(forced=True)
    assert Release.objects.champion() is None
