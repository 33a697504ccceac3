"""The database's password may change without a restart."""

import pytest
from django.db import connection, connections

from common.postgresql.base import DatabaseWrapper, read_credentials


@pytest.fixture
def password_file(monkeypatch, tmp_path):
    path = tmp_path / "password"
    path.write_text("first\n")
    monkeypatch.setenv("DATABASE_URL", "postgres://potatoes@db:5432/potatoes")
    monkeypatch.setenv("DATABASE_PASSWORD_FILE", str(path))
    return path


def connection_params():
    settings = {"NAME": "potatoes", "USER": "", "PASSWORD": "", "HOST": "", "PORT": ""}
    return DatabaseWrapper(settings | {"OPTIONS": {}}).get_connection_params()


def test_the_next_connection_uses_the_password_that_the_file_holds_by_then(password_file):
    assert connection_params()["password"] == "first"
    password_file.write_text("second\n")
    assert connection_params()["password"] == "second"


def test_a_whole_url_may_change_with_its_user(monkeypatch, tmp_path):
    path = tmp_path / "url"
    monkeypatch.setenv("DATABASE_URL_FILE", str(path))
    monkeypatch.delenv("DATABASE_PASSWORD", raising=False)
    path.write_text("postgres://v-token-7:secret@db/potatoes")
    assert read_credentials() == {"USER": "v-token-7", "PASSWORD": "secret"}


def test_a_file_that_is_away_for_a_moment_leaves_the_password_as_it_was(password_file):
    password_file.unlink()
    assert read_credentials() == {}


def test_the_site_uses_it_on_postgresql():
    if connection.vendor != "postgresql":
        pytest.skip("PostgreSQL only")
    assert isinstance(connections["default"], DatabaseWrapper)
