"""A promotion compares again with what serves at that moment."""

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from mlmodel.lifecycle import promotion_check, promotions
from mlmodel.lifecycle.promotion_check import objections
from mlmodel.lifecycle.releases import adopt
from mlmodel.models import Promotion, Release

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("lab")]


@pytest.fixture
def one(model_folders) -> Release:
    return adopt(model_folders[0], version="1")


@pytest.fixture
def two(one, model_folders) -> Release:
    """A release that the gate has passed, while another one serves."""
    one.promote()
    release = adopt(model_folders[1], version="2")
    return passed(release)


def passed(release: Release, profile: str = "release") -> Release:
    release.gate = {"passed": True, "profile": profile, "lines": []}
    release.save()
    return release


@pytest.fixture
def right(monkeypatch):
    """Set how many of the reference reviews each version reads right."""

    def set_right(**shares: int) -> None:
        sit = promotion_check._outputs

        def outputs(release, exam):
            n_right = shares[f"v{release.version}"]
            labels = exam.reference.labels
            is_right = np.arange(len(labels)) < n_right
            p = np.where(labels == is_right, 0.9, 0.1)
            return sit(release, exam).__class__(p, p > 0, p[:0], [], 0.1)

        monkeypatch.setattr(promotion_check, "_outputs", outputs)

    return set_right


def test_release_as_good_as_what_serves_is_promoted(two, right):
    right(v1=500, v2=500)
    assert objections(two) == []


def test_release_that_is_worse_than_what_serves_now_is_not_promoted(two, right):
    right(v1=500, v2=450)
    (objection,) = objections(two)
    assert "release 2 against 1, which serves: significantly worse" in objection
    with pytest.raises(CommandError, match=r"significantly worse.*--force --reason WHY") as error:
        call_command("promote", "2")
    assert error.value.returncode == 2
    assert Release.objects.champion().version == "1"


def test_release_that_only_smoke_passed_must_not_be_worse_at_all(two, right):
    passed(two, "smoke")
    right(v1=500, v2=500)
    assert objections(two) == []
    right(v1=501, v2=500)
    assert "that cannot replace a better model" in objections(two)[0]


def test_force_with_a_reason_promotes_it_nevertheless(two, right):
    right(v1=500, v2=100)
    call_command("promote", "2", force=True, reason="an experiment")
    promotion = Promotion.objects.newest_first()[0]
    assert (promotion.release, promotion.forced) == (two, True)


def test_force_that_was_not_needed_is_not_recorded_as_forced(two, right):
    right(v1=500, v2=500)
    call_command("promote", "2", force=True, reason="to be sure")
    assert not Promotion.objects.newest_first()[0].forced


def test_trained_release_that_the_gate_has_not_checked_is_not_promoted(one):
    with pytest.raises(promotions.GateRejected, match="has not checked release 1: run `gate 1`"):
        promotions.promote("1")


def test_release_that_was_champion_may_return(two, right):
    right(v1=100, v2=500)
    promotions.promote("2")
    assert promotions.promote("1").is_champion


def test_a_release_is_compared_with_the_pretrained_model_on_a_new_site(
    one, right, settings, model_folders
):
    passed(one)
    settings.PRETRAINED_MODEL = model_folders[1]
    pretrained = adopt(model_folders[1])
    right(**{"v1": 300, f"v{pretrained.version}": 500})
    assert pretrained.version in objections(one)[0]


def test_the_model_that_serves_anyway_may_be_promoted(settings, model_folders):
    settings.PRETRAINED_MODEL = model_folders[0]
    assert objections(adopt(model_folders[0])) == []


@pytest.mark.parametrize(
    ("gate", "result"),
    [
        ({}, ""),
        ({"passed": False, "profile": "smoke"}, "rejected"),
        ({"passed": True, "profile": "smoke"}, "smoke test only"),
        ({"passed": True, "profile": "release"}, "passed"),
        ({"passed": True, "floors": "full"}, "passed"),  # of an earlier version
    ],
)
def test_the_result_of_the_smoke_profile_is_not_called_passed(gate, result):
    assert Release(gate=gate).gate_result == result
