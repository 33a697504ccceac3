"""pytest -p tests.plugins.database_only: run only the tests that use the database.

These run on SQLite and on PostgreSQL; all others need to run only once.
"""

import pytest
from django.test import TransactionTestCase

DATABASE_FIXTURES = {"db", "transactional_db"}


def uses_database(item: pytest.Item) -> bool:
    names = set(getattr(item, "fixturenames", ()))
    if names & DATABASE_FIXTURES or item.get_closest_marker("django_db"):
        return True
    owner = getattr(item, "cls", None)
    return owner is not None and issubclass(owner, TransactionTestCase)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    others = [item for item in items if not uses_database(item)]
    if others:
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if uses_database(item)]
