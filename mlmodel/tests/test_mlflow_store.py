"""A site's MLflow store can be moved and copied, and old tables are upgraded."""

import shutil
import sqlite3
import sys
from contextlib import closing
from io import StringIO
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from django.core.management import call_command
from mlflow.store.db.utils import create_sqlalchemy_engine_with_retry
from mlflow.store.tracking.dbmodels.initial_models import Base

from common.sqlite_files import sqlite_url
from mlmodel.lifecycle import mlflow_api, mlflow_registry, releases
from mlmodel.lifecycle.mlflow_registry import RegistryUnavailable
from mlmodel.models import Release
from mlmodel.sentiment.errors import SentimentError
from mlmodel.training.train import train_and_register
from scripts.dev import show_runs
from scripts.ops import upgrade_mlflow


def use_store(settings, folder: Path) -> None:
    settings.MLFLOW_TRACKING_URI = sqlite_url(folder / "mlflow.db")
    settings.MLFLOW_ARTIFACTS = str(folder / "artifacts")


def forget_releases(settings) -> None:
    Release.objects.all().delete()
    shutil.rmtree(settings.MODEL_STORE)


@pytest.fixture
def copied(trained, settings, mlflow_store, tmp_path) -> Path:
    """A copy of the store with one training, which the site has used once."""
    folder = shutil.copytree(mlflow_store, tmp_path / "copy")
    use_store(settings, folder)
    mlflow_registry.connect()
    return folder


def test_moved_store_is_used_where_it_is_now(copied, settings, tmp_path, reviews_csv):
    moved = copied.rename(tmp_path / "a#1 b+c?d%20é")
    use_store(settings, moved)
    forget_releases(settings)
    assert releases.find("1").version == "1"
    assert train_and_register(dataset=reviews_csv, algorithm="logistic").version == "2"
    assert not copied.exists()


def test_copied_store_leaves_the_original_alone(copied, settings, mlflow_store, reviews_csv):
    before = sorted(mlflow_store.rglob("*"))
    train_and_register(dataset=reviews_csv, algorithm="logistic")
    assert sorted(mlflow_store.rglob("*")) == before


def test_setting_another_folder_for_artifacts_keeps_those_of_earlier_trainings(
    copied, settings, tmp_path
):
    settings.MLFLOW_ARTIFACTS = str(tmp_path / "for later experiments")
    forget_releases(settings)
    assert releases.find("1").version == "1"


def test_make_mlflow_shows_the_runs_of_the_store_where_it_is_now(
    copied, settings, tmp_path, monkeypatch, capsys
):
    use_store(settings, copied.rename(tmp_path / "a#1"))
    commands = []
    monkeypatch.setattr(show_runs.os, "execv", lambda _, command: commands.append(command))
    show_runs.show_runs(5000)
    client = mlflow_registry.connect().MlflowClient()
    experiment = client.get_experiment_by_name(settings.MLFLOW_MODEL_NAME)
    address = f"http://localhost:5000/#/experiments/{experiment.experiment_id}/runs?"
    assert address in capsys.readouterr().out
    assert settings.MLFLOW_TRACKING_URI in commands[0]
    assert experiment.artifact_location == (tmp_path / "a#1" / "artifacts").as_uri()


def test_make_mlflow_names_the_first_training_of_an_empty_store(lab, settings):
    settings.MLFLOW_MODEL_NAME = "not trained yet"
    assert "none yet" in show_runs.address("http://localhost:5000")


def test_missing_artifacts_are_named_by_the_address_of_the_version(copied, settings):
    shutil.rmtree(copied / "artifacts" / "models")
    forget_releases(settings)
    address = f"models:/{settings.MLFLOW_MODEL_NAME}/1"
    with pytest.raises(SentimentError, match=rf"^{address} has no files in MLflow's artifacts"):
        releases.find("1")


def test_damaged_artifacts_are_named_by_the_address_of_the_version(copied, settings):
    for path in copied.glob("artifacts/models/*/artifacts/**/model.npz"):
        path.write_bytes(b"nonsense")
    forget_releases(settings)
    address = f"models:/{settings.MLFLOW_MODEL_NAME}/1"
    with pytest.raises(SentimentError, match=address):
        releases.find("1")


# --- tables -------------------------------------------------------------------
@pytest.fixture(scope="session")
def store_one_revision_back(tmp_path_factory) -> Path:
    """A store as the MLflow before the newest change of its tables made it."""
    path = tmp_path_factory.mktemp("old") / "mlflow.db"
    engine = create_sqlalchemy_engine_with_retry(sqlite_url(path))
    Base.metadata.create_all(engine)
    scripts = Path(mlflow_api.mlflow.__file__).parent / "store" / "db_migrations"
    config = Config(scripts / "alembic.ini")
    config.set_main_option("script_location", str(scripts))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, mlflow_api.table_revisions()[1])
    engine.dispose()
    return path


@pytest.fixture
def old_store(lab, settings, store_one_revision_back) -> Path:
    use_store(settings, lab)
    return Path(shutil.copy(store_one_revision_back, lab / "mlflow.db"))


def execute(path: Path, statement: str) -> list[tuple]:
    with closing(sqlite3.connect(path)) as database, database:
        return database.execute(statement).fetchall()


def revision(path: Path) -> str:
    return execute(path, "SELECT version_num FROM alembic_version")[0][0]


def test_store_with_old_tables_is_refused_and_left_as_it_is(old_store):
    content = old_store.read_bytes()
    with pytest.raises(RegistryUnavailable, match="run `make migrate`"):
        mlflow_registry.connect()
    assert old_store.read_bytes() == content


def test_deploy_upgrades_the_store_and_keeps_a_copy(old_store, settings, model_folders, movie):
    settings.PRETRAINED_MODEL = model_folders[0]
    newest, previous, *_ = mlflow_api.table_revisions()
    copy = old_store.with_name(f"mlflow-{previous}.db")
    output = StringIO()
    call_command("deploy", stdout=output)
    assert f"{copy} is a copy of the old one" in output.getvalue()
    assert (revision(old_store), revision(copy)) == (newest, previous)
    assert mlflow_registry.connect()
    assert mlflow_registry.upgrade_store() == ""


def test_failed_upgrade_leaves_the_store_as_it_is(old_store):
    execute(old_store, "CREATE TABLE job_locks (lock_key)")
    tables = execute(old_store, "SELECT * FROM sqlite_master")
    assert "table job_locks already exists" in mlflow_registry.upgrade_store()
    assert execute(old_store, "SELECT * FROM sqlite_master") == tables
    assert sorted(path.name for path in old_store.parent.glob("*mlflow*")) == ["mlflow.db"]


def test_store_of_a_newer_mlflow_is_named(old_store):
    execute(old_store, "UPDATE alembic_version SET version_num = 'f00'")
    with pytest.raises(RegistryUnavailable, match="install the version that made it"):
        mlflow_registry.connect()
    assert "install the version that made it" in mlflow_registry.upgrade_store()


def test_servers_store_is_upgraded_before_the_server_starts(old_store, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["upgrade_mlflow", str(old_store)])
    upgrade_mlflow.main()
    assert "is a copy of the old one" in capsys.readouterr().out
    assert revision(old_store) == mlflow_api.table_revisions()[0]


def test_store_that_a_server_has_yet_to_create_needs_no_upgrade(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["upgrade_mlflow", str(tmp_path / "mlflow.db")])
    upgrade_mlflow.main()
    assert list(tmp_path.iterdir()) == []
