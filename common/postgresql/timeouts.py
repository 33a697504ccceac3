from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def statement_timeout(seconds: float) -> Iterator[None]:
    """Cancel each query of the block that takes longer. SQLite has no such limit."""
    if connection.vendor != "postgresql":
        yield  # a transaction would wait for SQLite's write lock
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = %s", [round(seconds * 1000)])
        yield
