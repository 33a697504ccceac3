"""MLflow's alias and tags follow the promotions, at the latest with the next command."""

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from mlmodel.lifecycle import champion_alias, mlflow_registry, promotions
from mlmodel.lifecycle.promotions import promote, rollback
from mlmodel.lifecycle.releases import adopt
from mlmodel.models import Promotion, Release

pytestmark = pytest.mark.django_db


@pytest.fixture
def champion_in_mlflow(settings):
    """Return the version that MLflow's alias names; empty if there is no alias."""

    def version() -> str:
        client = mlflow_registry.connect().MlflowClient()
        aliases = client.get_registered_model(settings.MLFLOW_MODEL_NAME).aliases
        return str(aliases.get("champion", ""))

    return version


def tags(settings, version: str) -> dict[str, str]:
    client = mlflow_registry.connect().MlflowClient()
    return client.get_model_version(settings.MLFLOW_MODEL_NAME, version).tags


class Killed(BaseException):
    """Ends a promotion where a kill would end it."""


@pytest.fixture
def killed_promotion(passed, monkeypatch):
    def die() -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(promotions, "announce", die)
        with pytest.raises(Killed):
            promote("1")


def test_promotion_moves_the_alias_in_the_registry(passed, champion_in_mlflow, settings):
    promote("1")
    assert champion_in_mlflow() == "1"
    model = (
        mlflow_registry.connect().MlflowClient().get_registered_model(settings.MLFLOW_MODEL_NAME)
    )
    assert model.aliases.keys() == {"champion"}  # the challenger has become it


def test_promotion_is_described_by_tags_of_the_version(passed, settings):
    promote("1", by_name="ana", reason="reads irony")
    expected = {"promoted_by": "ana", "reason": "reads irony", "forced": "false"}
    assert expected.items() <= tags(settings, "1").items()


def test_forced_promotion_keeps_its_reason_in_the_registry(trained, settings):
    promote("1", by_name="ana", reason="the suite is wrong", force=True)
    expected = {"reason": "the suite is wrong", "forced": "true"}
    assert expected.items() <= tags(settings, "1").items()


def test_rollback_to_the_pretrained_model_removes_the_alias(
    passed, settings, model_folders, champion_in_mlflow
):
    settings.PRETRAINED_MODEL = model_folders[0]
    promote("1")
    rollback()
    assert champion_in_mlflow() == ""


@pytest.mark.parametrize("command", [["models"], ["promote", "1"], ["mark_deployed", "1"]])
def test_next_command_moves_the_alias_after_a_kill(killed_promotion, champion_in_mlflow, command):
    assert champion_in_mlflow() == ""
    call_command(*command)
    assert champion_in_mlflow() == "1"


def test_promotion_succeeds_without_the_registry(lab, model_folders, settings, caplog):
    Release.objects.filter(pk=adopt(model_folders[0], version="7").pk).update(gate={"passed": True})
    settings.MLFLOW_TRACKING_URI = "http://127.0.0.1:9"
    promote("7")
    assert Release.objects.champion().version == "7"
    assert "alias was not moved" in caplog.text


def test_promotion_made_without_the_registry_is_announced_later(
    passed, settings, champion_in_mlflow
):
    store, settings.MLFLOW_TRACKING_URI = settings.MLFLOW_TRACKING_URI, "http://127.0.0.1:9"
    promote("1", reason="reads irony")
    settings.MLFLOW_TRACKING_URI = store
    champion_alias.announce()
    assert champion_in_mlflow() == "1"
    assert tags(settings, "1")["reason"] == "reads irony"


def test_alias_does_not_stay_at_a_version_that_does_not_serve(
    passed, model_folders, champion_in_mlflow
):
    promote("1")
    other = adopt(model_folders[0], version="77")  # of another registry
    other.promote(by_name="ana")
    champion_alias.announce()
    assert champion_in_mlflow() == ""


def test_mlflow_is_left_alone_once_it_knows_all_promotions(passed, monkeypatch):
    promote("1")
    monkeypatch.setattr(mlflow_registry, "connect", lambda: pytest.fail("MLflow was used"))
    call_command("models")


@pytest.mark.django_db(transaction=True)
def test_upgraded_site_announces_its_champion_and_nothing_older(lab, model_folders):
    executor = MigrationExecutor(connection)
    executor.migrate([("mlmodel", "0001_squashed")])
    before = executor.loader.project_state(("mlmodel", "0001_squashed")).apps
    for version in ("older", "newer"):
        release = before.get_model("mlmodel", "Release").objects.create(version=version)
        before.get_model("mlmodel", "Promotion").objects.create(release=release, kind="promote")
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())
    due = Promotion.objects.filter(is_announced=False)
    assert [promotion.release.version for promotion in due] == ["newer"]
