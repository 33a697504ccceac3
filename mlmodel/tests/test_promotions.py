import pytest
from django.db import IntegrityError, transaction

from mlmodel.models import Promotion, Release

pytestmark = pytest.mark.django_db


@pytest.fixture
def one() -> Release:
    return Release.objects.create(version="one", algorithm="fixed", checksum="1" * 64)


def test_promoting_the_champion_again_stores_nothing(one):
    one.promote()
    one.promote()
    assert Promotion.objects.count() == 1


def test_forced_promotion_without_a_reason_violates_a_constraint(one):
    with pytest.raises(IntegrityError), transaction.atomic():
        one.promote(forced=True)
    assert Release.objects.champion() is None
