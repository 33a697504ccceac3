"""The migrations upgrade a database of the version before, with its rows."""

import pytest
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

SQUASHED = "0001_squashed"


@pytest.fixture
def database_of_the_version_before(db):
    """A database that ran the replaced migrations and has not met the squashed ones."""
    MigrationRecorder(connection).migration_qs.filter(name=SQUASHED).delete()


def test_the_version_before_upgrades_without_a_migration(database_of_the_version_before):
    executor = MigrationExecutor(connection)
    leaves = executor.loader.graph.leaf_nodes()
    assert ("reviews", SQUASHED) in executor.loader.graph.nodes
    assert executor.migration_plan(leaves) == []


@pytest.fixture
def migrate(transactional_db):
    """A function that migrates to these targets, or to the newest state, and returns the models."""

    def migrate(*targets):
        executor = MigrationExecutor(connection)
        targets = list(targets) or executor.loader.graph.leaf_nodes()
        executor.migrate(targets)
        return executor.loader.project_state([each for each in targets if each[1]]).apps

    yield migrate
    migrate()


def bins(n_negative, n_positive):
    return [n_negative, *[0] * 18, n_positive]


def test_stored_verdicts_become_half_baked_where_the_reviews_do_not_decide(migrate):
    before = migrate(("movies", SQUASHED), ("reviews", SQUASHED))
    rows = [
        ("rotten", bins(9, 1), "rotten"),
        ("rotten", bins(5, 5), "mixed"),
        ("hot", bins(3, 6), "mixed"),
        ("hot", bins(2, 9), "hot"),
        ("certified_hot", bins(30, 71), "certified_hot"),  # kept: it was certified before
        ("none", bins(0, 4), "none"),
    ]
    movies = before.get_model("movies", "Movie").objects
    for number, (verdict, histogram, _after) in enumerate(rows):
        counts = {"n_reviews": sum(histogram), "n_counted": sum(histogram)}
        movies.create(
            title=str(number),
            slug=str(number),
            year=2000,
            verdict=verdict,
            p_histogram=histogram,
            **counts,
        )
    after = migrate().get_model("movies", "Movie").objects.order_by("pk")
    assert list(after.values_list("verdict", flat=True)) == [row[2] for row in rows]
    assert list(after.values_list("binary_verdict", flat=True)) == [row[0] for row in rows]


def test_the_version_before_adds_movies_after_the_migration(migrate):
    before = migrate(("movies", SQUASHED), ("reviews", SQUASHED))
    after = migrate()
    before.get_model("movies", "Movie").objects.create(title="X", year=2000, verdict="hot")
    assert after.get_model("movies", "Movie").objects.get().verdict == "none"


def test_accounts_that_share_a_name_or_address_are_kept(migrate, capsys):
    before = migrate(("accounts", None), ("auth", "0012_alter_user_first_name_max_length"))
    users = before.get_model("auth", "User").objects
    for name, email in [("ana", "a@b.org"), ("Ana", "A@b.org"), ("bea", ""), ("cora", "")]:
        users.create(username=name, email=email)
    keys = migrate().get_model("accounts", "AccountKeys").objects.order_by("user_id")
    assert list(keys.values_list("name", "email", "look")) == [
        ("ana", "a@b.org", "ana"),
        (None, None, "ana"),
        ("bea", None, "bea"),
        ("cora", None, "cora"),
    ]
    assert "'Ana' shares its name with 'ana'" in capsys.readouterr().out


def test_accounts_that_share_a_name_sign_in_with_its_exact_spelling(migrate, client):
    before = migrate(("accounts", None), ("auth", "0012_alter_user_first_name_max_length"))
    users = before.get_model("auth", "User").objects
    for name in ("ana", "Ana"):
        users.create(username=name, password=make_password(name * 5))
    migrate()
    for name, password in [("ana", "ana" * 5), ("Ana", "Ana" * 5), ("ANA", "ana" * 5)]:
        data = {"username": name, "password": password}
        assert client.post("/accounts/login/", data).status_code == 302, name
