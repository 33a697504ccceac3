"""Probes.

/healthz: the process answers. /startupz: it has its model. /readyz: it can do its work now.
"""

import logging
import time
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from common.postgresql.deadline import briefly
from mlmodel.serving.champion import get_refused, get_served
from status.patience import Patient

logger = logging.getLogger(__name__)

# The probes' own timeout is 3 s: who asks shall hear the answer.
PATIENCE_S = 2.0
QUERY_S = 2.0


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    # Nothing is asked here: a database that is away is no reason to restart the process.
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def startupz(request: HttpRequest) -> JsonResponse:
    """For as long as it says 503, nobody asks the other two."""
    return _answer(_startup.answer() or _silence(("model",)))


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    response = _readiness.answer() or _silence(tuple(CHECKS))
    # No reason to take the process away: what served before serves on.
    if refused := get_refused():
        response = response | {"refused": {"version": refused.version, "reason": refused.reason}}
    return _answer(response)


def _answer(body: dict[str, Any]) -> JsonResponse:
    return JsonResponse(body, status=200 if body["status"] == "ok" else 503)


def _results(names: tuple[str, ...]) -> dict[str, Any]:
    checks = {name: _timed(name, CHECKS[name]) for name in names}
    is_ready = all(check["status"] == "ok" for check in checks.values())
    return {"status": "ok" if is_ready else "unavailable", "checks": checks}


def _silence(names: tuple[str, ...]) -> dict[str, Any]:
    logger.warning("not ready: the checks have no result after %s s", PATIENCE_S)
    return {"status": "unavailable", "checks": {name: {"status": "no answer"} for name in names}}


def _timed(name: str, check: Callable[[], None]) -> dict[str, Any]:
    started = time.perf_counter()
    status = "ok" if _passes(name, check) else "failed"
    return {"status": status, "ms": round((time.perf_counter() - started) * 1000, 1)}


def _passes(name: str, check: Callable[[], None]) -> bool:
    try:
        check()
    except Exception as error:
        logger.warning("not ready: %s: %s", name, error)
        return False
    return True


def check_database() -> None:
    with briefly(QUERY_S), connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def check_migrations() -> None:
    with briefly(QUERY_S):
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

_readiness = Patient(lambda: _results(tuple(CHECKS)), PATIENCE_S)
_startup = Patient(lambda: _results(("model",)), PATIENCE_S)
