"""Numbers of this machine and of the database server, for /metrics and the status page."""

import shutil

from django.conf import settings
from django.db import connection

from observability.metrics import add_site_gauge


def register() -> None:
    add_site_gauge("database_bytes", "Size of the database", database_bytes)
    # Without the database: a full disk may be the reason why it is down.
    help = "Free share of the disk below VAR_DIR"
    add_site_gauge("disk_free_share", help, disk_free_share, needs_database=False)


def database_bytes() -> int:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_database_size(current_database())")
            return cursor.fetchone()[0]
        cursor.execute("PRAGMA page_count")
        n_pages = cursor.fetchone()[0]
        cursor.execute("PRAGMA page_size")
        return n_pages * cursor.fetchone()[0]


def disk_free_share() -> float | None:
    if not settings.VAR_DIR.exists():
        return None
    usage = shutil.disk_usage(settings.VAR_DIR)
    return usage.free / usage.total
