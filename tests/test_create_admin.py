"""`make admin` with and without a terminal."""

import sys

import pytest
from django.contrib.auth.models import User

from scripts.dev.create_admin import create_admin

pytestmark = pytest.mark.django_db
PASSWORD = "a-long-password-1"


class NoTerminal:
    def isatty(self) -> bool:
        return False


@pytest.fixture(autouse=True)
def no_terminal(monkeypatch):
    monkeypatch.setattr(sys, "stdin", NoTerminal())
    for name in ("USERNAME", "EMAIL", "PASSWORD", "PASSWORD_FILE"):
        # Set before it is deleted, so that what the script sets is removed after the test.
        monkeypatch.setenv(f"DJANGO_SUPERUSER_{name}", "")
        monkeypatch.delenv(f"DJANGO_SUPERUSER_{name}")


@pytest.fixture
def set_variables(monkeypatch):
    def set_(**variables: str) -> None:
        for name, value in variables.items():
            monkeypatch.setenv(f"DJANGO_SUPERUSER_{name}", value)

    return set_


def test_variables_create_an_admin_who_can_sign_in(set_variables, client):
    set_variables(USERNAME="cora", EMAIL="cora@example.com", PASSWORD=PASSWORD)
    create_admin()
    cora = User.objects.get(username="cora")
    assert (cora.is_staff, cora.is_superuser, cora.email) == (True, True, "cora@example.com")
    assert client.login(username="cora", password=PASSWORD)


def test_password_alone_is_enough_and_may_be_in_a_file(set_variables, tmp_path):
    path = tmp_path / "password"
    path.write_text(f"{PASSWORD}\n")
    set_variables(PASSWORD_FILE=str(path))
    create_admin()
    assert User.objects.get(username="admin").check_password(PASSWORD)


def test_second_run_changes_nothing(set_variables, capsys):
    set_variables(PASSWORD=PASSWORD)
    create_admin()
    set_variables(PASSWORD=f"{PASSWORD}2")
    create_admin()
    assert User.objects.get().check_password(PASSWORD)
    assert "exists already" in capsys.readouterr().out


def test_reviewer_does_not_become_an_admin(set_variables, user):
    set_variables(USERNAME=user.username, PASSWORD=PASSWORD)
    with pytest.raises(SystemExit, match="ana"):
        create_admin()
    assert not User.objects.get().is_staff


def test_missing_variables_are_named(db):
    with pytest.raises(SystemExit, match="DJANGO_SUPERUSER_PASSWORD"):
        create_admin()
