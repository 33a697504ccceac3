import json
import shutil
from pathlib import Path

import pytest
from django.db import DatabaseError

from mlmodel.lifecycle.releases import adopt
from mlmodel.models import Release
from mlmodel.sentiment.errors import ModelUnavailable
from mlmodel.sentiment.io.model_folder import META
from mlmodel.serving import champion as serving
from mlmodel.serving import loading

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_loaded(lab, settings, model_folders):
    settings.PRETRAINED_MODEL = model_folders[0]
    with serving.override(None):
        yield


def test_pretrained_model_serves_and_is_recorded_without_a_champion():
    served = serving.get_served()
    assert served.release == Release.objects.get()
    assert served.scorer.version == served.release.version
    assert served.release.version.startswith("pretrained-")


def test_champion_of_the_image_serves_without_a_store(model_folders, settings):
    champion = adopt(model_folders[0], version="7")
    champion.promote()
    shutil.rmtree(settings.MODEL_STORE)
    assert serving.get_served().release == champion


def test_pretrained_model_serves_without_a_database(monkeypatch):
    def fails(*args, **kwargs):
        raise DatabaseError("no such table")

    monkeypatch.setattr(Release.objects, "champion", fails)
    monkeypatch.setattr(loading, "record", fails)
    assert serving.get_served().release is None


def test_missing_model_is_not_loaded_again_by_every_request(settings, tmp_path, monkeypatch):
    settings.PRETRAINED_MODEL = tmp_path / "nothing"
    with pytest.raises(ModelUnavailable, match="there is no model"):
        serving.get_served()
    monkeypatch.setattr(serving.holder, "_load", lambda: pytest.fail("it looked again"))
    with pytest.raises(ModelUnavailable, match="a moment ago"):
        serving.get_served()


@pytest.mark.parametrize("name", ["algorithm", "calibration", "counting", "format", "kind"])
def test_worker_starts_with_an_incomplete_model(model_folders, settings, tmp_path, name, caplog):
    folder = shutil.copytree(model_folders[0], tmp_path / "odd")
    meta = json.loads((folder / META).read_text())
    del meta[name]
    (folder / META).write_text(json.dumps(meta))
    settings.PRETRAINED_MODEL = folder
    serving.holder.preload()
    assert "no sentiment model" in caplog.text


def test_worker_starts_with_an_unexpected_load_error(monkeypatch, caplog):
    def fails(*args, **kwargs):
        raise AttributeError("vocabulary_")

    monkeypatch.setattr(loading, "load_scorer", fails)
    serving.holder.preload()
    assert "cannot be loaded: AttributeError" in caplog.text


def test_worker_starts_with_an_unreadable_model_folder(monkeypatch, caplog):
    def fails(path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", fails)
    serving.holder.preload()
    assert "Permission denied" in caplog.text
