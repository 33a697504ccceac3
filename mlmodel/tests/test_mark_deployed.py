"""`make mark-deployed`: the gate's next champion is what the site serves."""

import json

import pytest

from mlmodel.lifecycle import releases
from mlmodel.models import Release
from scripts.ci import training_state

pytestmark = pytest.mark.django_db


@pytest.fixture
def trained(settings, tmp_path, model_folders, monkeypatch):
    """Two releases were trained here, 1 and 2, and the second one last."""
    settings.MODEL_STORE, settings.PRETRAINED_MODEL = tmp_path / "store", tmp_path / "none"
    for version, folder in zip("12", model_folders, strict=True):
        releases.adopt(folder, version=version)
    monkeypatch.setattr(releases, "_mirror", lambda release: None)  # no MLflow here
    monkeypatch.setenv("VAR_DIR", str(tmp_path))
    (tmp_path / "trained.json").write_text(json.dumps({"version": "2"}))
    monkeypatch.setattr(training_state, "ROOT", tmp_path)
    return training_state


def kept(folder, checksum):
    shipped = Release.objects.get(version="2").checksum
    result = {"shipped": shipped, "champion": checksum, "message": "kept"}
    (folder / "var" / "build").mkdir(parents=True)
    (folder / "var" / "build" / "deployed.json").write_text(json.dumps(result))


def champion():
    return getattr(Release.objects.champion(), "version", None)


def test_what_was_trained_last_is_accepted(trained):
    trained.accept()
    assert champion() == "2"


def test_what_the_deploy_kept_is_accepted_instead(trained, tmp_path):
    kept(tmp_path, Release.objects.get(version="1").checksum)
    trained.accept()
    assert champion() == "1"


def test_a_kept_model_that_was_not_trained_here_changes_nothing(trained, tmp_path, capsys):
    kept(tmp_path, "c" * 64)
    trained.accept()
    assert champion() is None
    assert "Model cccccccccccc was not trained here" in capsys.readouterr().out
