import pytest

from mlmodel.lifecycle.releases import adopt
from mlmodel.models import Release
from mlmodel.serving import champion

URL = "/api/v1/model/"
pytestmark = pytest.mark.django_db


def test_model_api_returns_the_champion_with_its_lineage(api, release):
    release.run_id, release.dataset_hash, release.git_commit = "r1", "d1", "c1"
    model = api.get(URL).json()
    assert model["version"] == release.version
    assert model["metrics"] == {"accuracy": 0.9}
    assert (model["run_id"], model["dataset_hash"], model["git_commit"]) == ("r1", "d1", "c1")


def test_model_api_returns_the_promotion(api, release, user, settings):
    settings.IMAGE_TAG = "site:7"
    Release.objects.update(is_champion=False)
    release.promote(by=user, reason="reads irony")
    model = api.get(URL).json()
    assert model["promotion"]["by"] == "ana"
    assert model["promotion"]["reason"] == "reads irony"
    assert model["serving_image_tag"] == "site:7"
    assert (model["checksum"], model["gate"]) == (release.checksum, {})


def test_model_api_reads_the_folder_of_an_unrecorded_model(api, lab, model_folders, settings):
    settings.PRETRAINED_MODEL = model_folders[0]
    with champion.override(None):
        model = api.get(URL).json()
    assert model["version"].startswith("pretrained-")
    assert model["algorithm"] == "logistic"


def test_model_api_describes_an_adopted_model_alike(api, lab, model_folders, settings):
    settings.PRETRAINED_MODEL = model_folders[0]
    adopted = adopt(model_folders[0])
    with champion.override(None):
        assert api.get(URL).json()["version"] == adopted.version


def test_missing_model_is_reported(api, no_model):
    assert api.get(URL).status_code == 503
