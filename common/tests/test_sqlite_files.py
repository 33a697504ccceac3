from pathlib import Path

import environ
import pytest
import sqlalchemy
from django.core.exceptions import ImproperlyConfigured
from hypothesis import given
from hypothesis import strategies as st

from common.environment import Environment
from common.sqlite_files import sqlite_path, sqlite_url

# A NUL ends a path, a backslash separates folders elsewhere.
FOLDER = st.text(
    st.characters(blacklist_characters="/\0\\", blacklist_categories=["Cs"]), min_size=1
)


@given(FOLDER)
def test_sqlite_url_leads_back_to_its_path(folder):
    path = Path("/srv") / folder / "site.sqlite3"
    assert sqlite_path(sqlite_url(path)) == path


@given(FOLDER)
def test_sqlalchemy_and_django_read_a_sqlite_url_as_the_same_path(folder):
    path = str(Path("/srv") / folder / "site.sqlite3")
    url = sqlite_url(Path(path))
    assert sqlalchemy.make_url(url).database == path
    assert Environment.db_url_config(url)["NAME"] == path


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("sqlite:///var/site.sqlite3", "var/site.sqlite3"),
        ("sqlite:////srv/a#1/site.sqlite3", "/srv/a#1/site.sqlite3"),
        ("sqlite:////srv/a+b/site.sqlite3?timeout=3", "/srv/a+b/site.sqlite3"),
        ("sqlite://:memory:", ":memory:"),
        ("sqlite://", ":memory:"),
    ],
)
def test_database_url_of_sqlite_names_this_file(url, name):
    config = Environment.db_url_config(url)
    assert (config["NAME"], config["ENGINE"]) == (name, "django.db.backends.sqlite3")


def test_options_of_a_sqlite_url_are_read():
    assert Environment.db_url_config("sqlite:////srv/a?timeout=3")["OPTIONS"] == {"timeout": 3}


def test_postgres_urls_are_read_by_django_environ():
    url = "postgres://ana:p%23@db:5432/potatoes?sslmode=require"
    assert Environment.db_url_config(url) == environ.Env.db_url_config(url)


def test_question_mark_in_the_path_of_a_database_url_must_be_encoded():
    with pytest.raises(ImproperlyConfigured, match="write %3F"):
        Environment.db_url_config("sqlite:////srv/a?b/site.sqlite3")
