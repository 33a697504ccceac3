"""Backup and restore of database, model store, MLflow's store and DVC remote."""

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import uuid
from dataclasses import dataclass
from pathlib import Path

import psycopg2
import pytest
from django.conf import settings
from django.db import connection

from scripts.ops.backup import checksum, postgres_address

ROOT = settings.BASE_DIR
COUNT = "from movies.models import Movie; print(Movie.objects.count())"


@dataclass
class Site:
    """A separate site with its own database, model store, MLflow store and DVC remote."""

    folder: Path
    database_url: str

    def run(self, *command: str, fails: bool = False) -> subprocess.CompletedProcess:
        own = {"VAR_DIR": self.folder, "DATABASE_URL": self.database_url, "DOTENV": os.devnull}
        own |= {"DEBUG": "true", "LOG_LEVEL": "ERROR", "MODEL_STORE": self.folder / "models"}
        done = subprocess.run(
            [sys.executable, *command],
            cwd=ROOT,
            env=os.environ | {name: str(value) for name, value in own.items()},
            text=True,
            capture_output=True,
        )
        assert bool(done.returncode) == fails, done.stdout + done.stderr
        return done

    def python(self, code: str) -> str:
        return self.run("manage.py", "shell", "--no-imports", "-c", code).stdout.strip()

    @property
    def stores(self) -> list[str]:
        return ["--mlflow", str(self.folder / "mlflow"), "--dvc-remote", str(self.folder / "dvc")]

    def back_up(self, target: Path, **how) -> subprocess.CompletedProcess:
        return self.run("-m", "scripts.ops.backup", str(target), *self.stores, **how)

    def restore(self, copy: Path, *options: str, **how) -> subprocess.CompletedProcess:
        return self.run("-m", "scripts.ops.restore", str(copy), *self.stores, *options, **how)


def make_database(folder: Path, created: list[str]) -> str:
    if connection.vendor == "sqlite":
        return f"sqlite:///{folder}/site.sqlite3"
    name = f"backup_{uuid.uuid4().hex[:12]}"
    execute_on_server(f"CREATE DATABASE {name}")
    created.append(name)
    database = connection.settings_dict
    login = database["USER"] + (f":{database['PASSWORD']}" if database["PASSWORD"] else "")
    return f"postgres://{login}@{database['HOST']}:{database['PORT'] or 5432}/{name}"


def execute_on_server(statement: str) -> None:
    params = connection.get_connection_params() | {"dbname": "postgres"}
    params = {
        n: v for n, v in params.items() if n in ("dbname", "user", "password", "host", "port")
    }
    server = psycopg2.connect(**params)
    server.autocommit = True
    server.cursor().execute(statement)
    server.close()


@pytest.fixture(scope="module")
def make_site(tmp_path_factory, django_db_setup):
    created: list[str] = []

    def make() -> Site:
        folder = tmp_path_factory.mktemp("site")
        return Site(folder, make_database(folder, created))

    yield make
    for name in created:
        execute_on_server(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="module")
def lived_in(make_site) -> Site:
    """Return a site with movies, a release, a training run and data."""
    site = make_site()
    site.run("manage.py", "deploy")
    store = site.folder / "mlflow"
    (store / "artifacts" / "1").mkdir(parents=True)
    (store / "artifacts" / "1" / "MLmodel").write_text("flavors: {}\n")
    with sqlite3.connect(store / "mlflow.db") as runs:
        runs.execute("CREATE TABLE runs (name TEXT)")
        runs.execute("INSERT INTO runs VALUES ('the best one')")
    (site.folder / "dvc" / "files" / "md5" / "4b").mkdir(parents=True)
    (site.folder / "dvc" / "files" / "md5" / "4b" / "869d").write_text("review,sentiment\n")
    return site


@pytest.fixture(scope="module")
def copy(lived_in, tmp_path_factory) -> Path:
    target = tmp_path_factory.mktemp("backup")
    lived_in.back_up(target)
    (made,) = target.glob("*Z")
    return made


@pytest.fixture(autouse=True)
def no_database_of_the_tests(db):
    """Mark all tests as using the database, so that they run on both databases."""


def test_a_restore_on_a_new_machine_is_complete(lived_in, copy, make_site):
    new = make_site()
    new.restore(copy)
    assert new.python(COUNT) == lived_in.python(COUNT) != "0"
    assert "drift: none" in new.run("manage.py", "recount").stdout
    assert list((new.folder / "models").glob("*/MLmodel"))
    with sqlite3.connect(new.folder / "mlflow" / "mlflow.db") as runs:
        assert runs.execute("SELECT name FROM runs").fetchone() == ("the best one",)
    assert (new.folder / "mlflow" / "artifacts" / "1" / "MLmodel").exists()
    assert (new.folder / "dvc" / "files" / "md5" / "4b" / "869d").exists()


def test_a_database_in_use_is_overwritten_only_with_replace(copy, make_site):
    site = make_site()
    site.restore(copy)
    site.run("manage.py", "flush", "--no-input")
    assert "--replace" in site.restore(copy, fails=True).stderr
    assert site.python(COUNT) == "0"
    site.restore(copy, "--replace")
    assert "drift: none" in site.run("manage.py", "recount").stdout
    assert site.python(COUNT) != "0"


def test_a_backup_from_before_a_migration_can_be_restored(copy, make_site):
    site = make_site()
    site.restore(copy)
    # A table of a later version that refers to a restored one.
    later = "CREATE TABLE later (id integer PRIMARY KEY, movie_id bigint REFERENCES movies_movie)"
    site.python(f"from django.db import connection as c; c.cursor().execute('{later}')")
    site.restore(copy, "--replace")
    tables = "from django.db import connection as c; print(c.introspection.table_names())"
    assert "later" not in site.python(tables)
    assert "drift: none" in site.run("manage.py", "recount").stdout


def test_a_failed_restore_leaves_the_database_unchanged(copy, make_site, tmp_path):
    site = make_site()
    site.restore(copy)
    before = site.python(COUNT)
    broken = Path(shutil.copytree(copy, tmp_path / "20260102T000000.000000Z"))
    name = "database.dump" if connection.vendor == "postgresql" else "site.sqlite3"
    content = (broken / name).read_bytes()
    (broken / name).write_bytes(content[: len(content) // 2])
    manifest = json.loads((broken / "manifest.json").read_text())
    manifest["files"][name] = checksum(broken / name)
    (broken / "manifest.json").write_text(json.dumps(manifest))
    errors = site.restore(broken, "--replace", fails=True).stderr
    assert errors.startswith("The restore failed or is incomplete: ")
    assert "Traceback" not in errors
    assert site.python(COUNT) == before


def test_a_failed_restore_reports_the_databases_error(copy, make_site, tmp_path):
    if connection.vendor != "postgresql":
        pytest.skip("PostgreSQL only")
    site = make_site()
    site.restore(copy)
    locked = "CREATE ROLE reader LOGIN; GRANT pg_read_all_data TO reader"
    execute_on_server(locked)
    try:
        url = re.sub(r"//[^@]*@", "//reader@", site.database_url)
        errors = Site(site.folder, url).restore(copy, "--replace", fails=True).stderr
    finally:
        execute_on_server("DROP ROLE reader")
    assert "the database was not restored" in errors
    assert "must be owner of table" in errors


def test_a_damaged_backup_is_not_restored(lived_in, copy, tmp_path):
    damaged = Path(shutil.copytree(copy, tmp_path / "20260101T000000.000000Z"))
    archive = damaged / "models.tar.gz"
    archive.write_bytes(archive.read_bytes()[:-1] + b"?")
    before = lived_in.python(COUNT)
    errors = lived_in.restore(damaged, "--replace", fails=True).stderr
    assert "models.tar.gz is damaged" in errors
    assert "Traceback" not in errors
    assert lived_in.python(COUNT) == before


def test_a_failed_backup_leaves_no_folder(lived_in, tmp_path):
    broken = Site(lived_in.folder, lived_in.database_url)
    (broken.folder / "mlflow" / "mlflow.db").rename(tmp_path / "away")
    try:
        errors = broken.back_up(tmp_path / "backup", fails=True).stderr
    finally:
        (tmp_path / "away").rename(broken.folder / "mlflow" / "mlflow.db")
    assert errors.strip().startswith("No backup was made: there is no database")
    assert list((tmp_path / "backup").iterdir()) == []


def test_only_the_newest_copies_are_kept(lived_in, tmp_path):
    for day in (1, 2, 3):
        old = tmp_path / f"2020010{day}T000000.000000Z"
        old.mkdir()
        (old / "manifest.json").write_text("{}")
    lived_in.run("-m", "scripts.ops.backup", str(tmp_path), "--keep", "2")
    kept = sorted(path.name for path in tmp_path.iterdir())
    assert len(kept) == 2
    assert kept[0].startswith("20200103")


def test_no_password_is_in_the_manifest_of_a_backup(copy):
    assert set(json.loads((copy / "manifest.json").read_text())) == {"at", "image", "files"}


def test_the_password_is_not_on_a_command_line(monkeypatch):
    if connection.vendor != "postgresql":
        pytest.skip("PostgreSQL only")
    monkeypatch.setitem(connection.settings_dict, "PASSWORD", "hunter2pass")
    arguments, environment = postgres_address()
    assert "hunter2pass" not in " ".join(arguments)
    assert environment["PGPASSWORD"] == "hunter2pass"
