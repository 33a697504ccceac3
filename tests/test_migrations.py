"""The squashed migrations upgrade a database of the version before."""

import pytest
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
    assert ("reviews", SQUASHED) in leaves
    assert executor.migration_plan(leaves) == []
