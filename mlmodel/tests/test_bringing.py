"""Builds come and go, people choose models: who is champion then?"""

import pytest
from django.core.management import call_command

from mlmodel.models import Release
from mlmodel.sentiment.io.model_folder import folder_checksum

pytestmark = pytest.mark.django_db


@pytest.fixture
def come(settings, tmp_path, movie, model_folders):  # a film: nothing is seeded
    """Run `deploy` as the build of that number, with the first or the second model in it."""
    settings.MODEL_STORE = tmp_path / "models"

    def run(build: int, *, model: int, **how) -> str:
        settings.IMAGE_TAG = f"build-{build}"
        settings.PRETRAINED_MODEL = model_folders[model]
        call_command("deploy", **how)
        return champion()

    return run


@pytest.fixture
def one_and_two(come, model_folders) -> list[str]:
    """Build 1 brought one model, and build 2, which is live, another."""
    come(1, model=0)
    come(2, model=1)
    return [folder_checksum(folder) for folder in model_folders]


def champion() -> str:
    return Release.objects.champion().checksum


def choose(checksum: str) -> None:
    Release.objects.get(checksum=checksum).promote(by_name="ana")


def test_a_model_that_was_taken_back_does_not_return_with_a_later_build(come, one_and_two, capsys):
    one, two = one_and_two
    call_command("rollback", by="ana")
    assert come(3, model=1) == one
    told = capsys.readouterr().out
    assert "was replaced by ana" in told
    assert f"Brought model {two}, champion is {one}." in told


def test_undoing_a_build_leaves_back_what_was_taken_back(come, one_and_two):
    one, _ = one_and_two
    call_command("rollback", by="ana")
    come(3, model=1)
    assert come(2, model=1, undo="build-3") == one


def test_undoing_a_build_takes_back_the_model_it_brought(come, one_and_two):
    one, _ = one_and_two
    assert come(1, model=0, undo="build-2") == one


def test_undoing_a_build_that_brought_no_model_changes_nothing(come, one_and_two):
    _, two = one_and_two
    come(3, model=1)
    assert come(2, model=1, undo="build-3") == two


def test_undoing_it_twice_is_undoing_it_once(come, one_and_two):
    one, _ = one_and_two
    come(1, model=0, undo="build-2")
    assert come(1, model=0, undo="build-2") == one


def test_undoing_a_build_keeps_what_somebody_has_chosen_since(come, one_and_two):
    one, two = one_and_two
    choose(one)
    choose(two)
    assert come(1, model=0, undo="build-2") == two


def test_the_model_of_a_build_that_was_undone_comes_with_the_next(come, one_and_two):
    _, two = one_and_two
    come(1, model=0, undo="build-2")
    assert come(3, model=1) == two


def test_going_back_to_a_build_brings_its_model_again(come, one_and_two):
    one, _ = one_and_two
    assert come(1, model=0, again="build-2") == one


def test_going_back_further_brings_that_builds_model(come, one_and_two):
    one, _ = one_and_two
    come(3, model=1)
    assert come(1, model=0, again="build-3") == one


def test_a_build_that_was_left_on_purpose_brings_its_model_only_on_purpose(come, one_and_two):
    one, two = one_and_two
    come(1, model=0, again="build-2")
    assert come(3, model=1) == one
    assert come(2, model=1, again="build-3") == two


def test_even_on_purpose_no_build_brings_a_model_that_a_person_took_back(come, one_and_two):
    one, _ = one_and_two
    call_command("rollback", by="ana")
    come(3, model=1)
    assert come(2, model=1, again="build-3") == one
