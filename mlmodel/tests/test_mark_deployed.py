"""`manage.py mark_deployed`: the gate compares the next release with the one that is live."""

import json

import pytest
from django.core.management import CommandError, call_command

from mlmodel.lifecycle import champion_alias, mlflow_registry, releases
from mlmodel.models import Release

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def two_releases(settings, tmp_path, model_folders, monkeypatch):
    settings.MODEL_STORE, settings.PRETRAINED_MODEL = tmp_path / "store", tmp_path / "none"
    for version, folder in zip("12", model_folders, strict=True):
        releases.adopt(folder, version=version)
    monkeypatch.setattr(champion_alias, "_record_in_mlflow", lambda promotions: None)  # no MLflow
    monkeypatch.setattr(mlflow_registry, "connect", lambda: None)


@pytest.fixture
def deployed(tmp_path):
    """The result of a deploy of release 2 after which another model is champion."""

    def write(champion):
        result = {"shipped": Release.objects.get(version="2").checksum, "champion": champion}
        (tmp_path / "deployed.json").write_text(json.dumps(result))
        return tmp_path / "deployed.json"

    return write


def champion():
    return getattr(Release.objects.champion(), "version", None)


def test_the_deployed_release_becomes_champion(tmp_path):
    call_command("mark_deployed", "2", deployed=tmp_path / "absent.json")
    assert champion() == "2"


def test_a_champion_that_the_deploy_kept_becomes_champion_here(deployed):
    kept = Release.objects.get(version="1").checksum
    call_command("mark_deployed", "2", deployed=deployed(kept))
    assert champion() == "1"


def test_a_kept_champion_that_was_not_trained_here_changes_nothing(deployed, capsys):
    call_command("mark_deployed", "2", deployed=deployed("c" * 64))
    assert champion() is None
    assert "was not trained here" in capsys.readouterr().out


def test_a_damaged_deploy_result_is_a_one_sentence_error(tmp_path):
    (tmp_path / "deployed.json").write_text("[]")
    with pytest.raises(CommandError, match="is not the result of a deploy"):
        call_command("mark_deployed", "2", deployed=tmp_path / "deployed.json")
