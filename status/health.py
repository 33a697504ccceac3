"""Probes.

/healthz: the process answers. /startupz: it has its model. /readyz: it can do its work now.
"""

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from common.postgresql.timeouts import statement_timeout
from mlmodel.serving.champion import get_failure, get_served

logger = logging.getLogger(__name__)

# Both together are shorter than the timeoutSeconds of the probes, which is 3 s.
QUERY_TIMEOUT_S = 1.0
LOCK_TIMEOUT_S = 1.0
_checking = threading.Lock()


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    # Does not use the database: restarting the process would not repair it.
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def startupz(request: HttpRequest) -> JsonResponse:
    """Kubernetes starts the other probes once this is 200."""
    return respond(run_checks(["model"]))


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    # While a check hangs in the database, other probes must not occupy the threads of visitors.
    if not _checking.acquire(timeout=LOCK_TIMEOUT_S):
        logger.warning("Not ready: an earlier check still waits for the database")
        return respond({"status": "unavailable", "checks": {"database": {"status": "no answer"}}})
    try:
        body = run_checks(list(CHECKS))
    finally:
        _checking.release()
    # Not a failed check: the previous model still serves.
    if failure := get_failure():
        body["refused"] = {"version": failure.version, "reason": failure.reason}
    return respond(body)


def respond(body: dict[str, Any]) -> JsonResponse:
    return JsonResponse(body, status=200 if body["status"] == "ok" else 503)


def run_checks(names: list[str]) -> dict[str, Any]:
    checks = {name: run_check(name) for name in names}
    is_ready = all(check["status"] == "ok" for check in checks.values())
    return {"status": "ok" if is_ready else "unavailable", "checks": checks}


def run_check(name: str) -> dict[str, Any]:
    started, status = time.perf_counter(), "ok"
    try:
        CHECKS[name]()
    except Exception as error:
        logger.warning("Not ready: %s: %s", name, error)
        status = "failed"
    return {"status": status, "ms": round((time.perf_counter() - started) * 1000, 1)}


def check_database() -> None:
    with statement_timeout(QUERY_TIMEOUT_S), connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def check_migrations() -> None:
    with statement_timeout(QUERY_TIMEOUT_S):
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        raise RuntimeError(f"{len(missing)} migrations are not applied")


def check_model() -> None:
    get_served()


CHECKS: dict[str, Callable[[], None]] = {
    "database": check_database,
    "migrations": check_migrations,
    "model": check_model,
}
