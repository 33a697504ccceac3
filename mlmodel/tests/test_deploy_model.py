"""Which model is champion after deploys, rollbacks, reverts and choices of people."""

import json

import pytest
from django.core.management import call_command

from mlmodel.models import Release
from mlmodel.sentiment.io.model_folder import folder_checksum

pytestmark = pytest.mark.django_db


@pytest.fixture
def deploy(settings, tmp_path, movie, model_folders):  # with a movie, nothing is seeded
    """Run `deploy` as the build of that number, with the first or the second model in it."""
    settings.MODEL_STORE = tmp_path / "models"

    def run(build: int, *, model: int, **how) -> str:
        settings.IMAGE_TAG = f"build-{build}"
        settings.PRETRAINED_MODEL = model_folders[model]
        call_command("deploy", **how)
        return champion()

    return run


@pytest.fixture
def one_and_two(deploy, model_folders) -> list[str]:
    """Return the checksums of build 1's model and of build 2's; build 2 is live."""
    deploy(1, model=0)
    deploy(2, model=1)
    return [folder_checksum(folder) for folder in model_folders]


def champion() -> str:
    return Release.objects.champion().checksum


def choose(checksum: str) -> None:
    Release.objects.get(checksum=checksum).promote(by_name="ana")


def test_a_model_that_was_rolled_back_does_not_return_with_a_later_build(
    deploy, one_and_two, tmp_path
):
    one, two = one_and_two
    call_command("rollback", by="ana")
    assert deploy(3, model=1, result_file=tmp_path / "result.json") == one
    result = json.loads((tmp_path / "result.json").read_text())
    assert (result["shipped"], result["champion"]) == (two, one)
    assert "was replaced by ana" in result["message"]


def test_reverting_a_build_keeps_a_rolled_back_model_out(deploy, one_and_two):
    one, _ = one_and_two
    call_command("rollback", by="ana")
    deploy(3, model=1)
    assert deploy(2, model=1, revert="build-3") == one


def test_reverting_a_build_replaces_its_model_by_the_former_champion(deploy, one_and_two):
    one, _ = one_and_two
    assert deploy(1, model=0, revert="build-2") == one


def test_reverting_a_build_with_the_same_model_changes_nothing(deploy, one_and_two):
    _, two = one_and_two
    deploy(3, model=1)
    assert deploy(2, model=1, revert="build-3") == two


def test_reverting_a_build_twice_changes_nothing_more(deploy, one_and_two):
    one, _ = one_and_two
    deploy(1, model=0, revert="build-2")
    assert deploy(1, model=0, revert="build-2") == one


def test_reverting_a_build_keeps_a_model_that_a_person_chose_since(deploy, one_and_two):
    one, two = one_and_two
    choose(one)
    choose(two)
    assert deploy(1, model=0, revert="build-2") == two


def test_the_model_of_a_reverted_build_is_promoted_with_the_next(deploy, one_and_two):
    _, two = one_and_two
    deploy(1, model=0, revert="build-2")
    assert deploy(3, model=1) == two


def test_rolling_back_to_a_build_promotes_its_model_again(deploy, one_and_two):
    one, _ = one_and_two
    assert deploy(1, model=0, rolled_back_from="build-2") == one


def test_rolling_back_two_builds_promotes_that_builds_model(deploy, one_and_two):
    one, _ = one_and_two
    deploy(3, model=1)
    assert deploy(1, model=0, rolled_back_from="build-3") == one


def test_a_model_that_was_rolled_back_from_returns_only_with_a_rollback(deploy, one_and_two):
    one, two = one_and_two
    deploy(1, model=0, rolled_back_from="build-2")
    assert deploy(3, model=1) == one
    assert deploy(2, model=1, rolled_back_from="build-3") == two


def test_a_rollback_does_not_restore_a_model_that_a_person_replaced(deploy, one_and_two):
    one, _ = one_and_two
    call_command("rollback", by="ana")
    deploy(3, model=1)
    assert deploy(2, model=1, rolled_back_from="build-3") == one
