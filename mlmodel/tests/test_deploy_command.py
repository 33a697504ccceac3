"""`deploy`: what a new version of the site does once, before it serves."""

import json

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError

from mlmodel.lifecycle import releases
from mlmodel.management.commands import deploy
from mlmodel.models import Release

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def store(settings, tmp_path, movie):  # with a movie, nothing is seeded
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
    assert "champion already" in capsys.readouterr().out
    assert champion().promotions.count() == 1


def test_the_result_file_names_the_shipped_model_and_the_champion(tmp_path):
    call_command("deploy", "--result-file", str(tmp_path / "result.json"))
    result = json.loads((tmp_path / "result.json").read_text())
    assert result.keys() == {"shipped", "champion", "message"}
    assert result["shipped"] == result["champion"] == champion().checksum


def test_a_result_file_that_cannot_be_written_fails_the_deploy(tmp_path):
    with pytest.raises(CommandError, match="No such file"):
        call_command("deploy", "--result-file", str(tmp_path / "missing" / "result.json"))


@pytest.mark.parametrize("option", ["--revert", "--undo", "--rolled-back-from", "--again"])
def test_the_former_names_of_the_options_are_accepted(option):
    call_command("deploy", option, "build-6")
    assert champion()


def test_a_build_without_a_model_fails_the_deploy(settings, tmp_path):
    settings.PRETRAINED_MODEL = tmp_path / "nothing"
    with pytest.raises(CommandError, match="contains no model to serve"):
        call_command("deploy")


def test_an_unreachable_database_is_reported_in_one_line(monkeypatch):
    def refuse():
        raise OperationalError("connection refused\nIs the server running?\n")

    monkeypatch.setattr(deploy.connection, "ensure_connection", refuse, raising=False)
    with pytest.raises(CommandError, match="was not migrated: connection refused") as error:
        call_command("deploy", wait=0)
    assert "\n" not in str(error.value)
