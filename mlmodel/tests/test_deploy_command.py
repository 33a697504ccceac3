"""`deploy`: what a new version of the site does once, before it serves."""

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError

from mlmodel.lifecycle import releases
from mlmodel.management.commands import deploy
from mlmodel.models import Release

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def store(settings, tmp_path, movie):  # a film: nothing is seeded
    settings.MODEL_STORE = tmp_path / "models"
    settings.IMAGE_TAG = "build-7"


def champion():
    return Release.objects.champion()


def test_the_model_of_the_image_becomes_champion_and_the_image_is_named():
    call_command("deploy")
    assert champion().version.startswith("pretrained-")
    assert champion().last_promotion.reason == "came with build-7"
    assert (releases.settings.MODEL_STORE / champion().checksum).is_dir()


def test_a_second_deploy_changes_nothing(capsys):
    call_command("deploy")
    call_command("deploy")
    told = capsys.readouterr().out
    assert "champion already" in told
    assert f"Brought model {champion().checksum}, champion is {champion().checksum}.\n" in told
    assert champion().promotions.count() == 1


def test_a_version_without_a_model_says_so(settings, tmp_path):
    settings.PRETRAINED_MODEL = tmp_path / "nothing"
    with pytest.raises(CommandError, match="brings no model to serve"):
        call_command("deploy")


def test_a_database_that_is_down_is_one_sentence(monkeypatch):
    def refuse():
        raise OperationalError("connection refused\nIs the server running?\n")

    monkeypatch.setattr(deploy.connection, "ensure_connection", refuse, raising=False)
    with pytest.raises(CommandError, match="was not migrated: connection refused") as told:
        call_command("deploy", wait=0)
    assert "\n" not in str(told.value)
