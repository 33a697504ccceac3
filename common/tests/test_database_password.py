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


def test_database_password_is_read_again_for_each_connection(password_file):
    assert connection_params()["password"] == "first"
    password_file.write_text("second\n")
    assert connection_params()["password"] == "second"


def test_database_url_is_read_again_with_its_user(monkeypatch, tmp_path):
    path = tmp_path / "url"
    monkeypatch.setenv("DATABASE_URL_FILE", str(path))
    monkeypatch.delenv("DATABASE_PASSWORD", raising=False)
    path.write_text("postgres://v-token-7:secret@db/potatoes")
    assert read_credentials() == {"USER": "v-token-7", "PASSWORD": "secret"}


def test_missing_file_keeps_the_previous_database_password(password_file):
    password_file.unlink()
    assert read_credentials() == {}


def test_site_uses_this_backend_on_postgresql():
    if connection.vendor != "postgresql":
        pytest.skip("PostgreSQL only")
    assert isinstance(connections["default"], DatabaseWrapper)
