"""pytest -p tests.insist: where CI=true, what a test needs must be there; a skip is a failure."""

import os

import pytest
from django.db import connection

# Never part of a fresh checkout: reviews and films that may not be copied into it.
MAY_BE_ABSENT = "../shared"
OTHER_DATABASE = {"sqlite": "PostgreSQL", "postgresql": "SQLite"}


def is_insisting() -> bool:
    return "true" in (os.environ.get("CI", "").lower(), os.environ.get("REQUIRE_ALL", "").lower())


def is_allowed(reason: str) -> bool:
    """Both databases are tested, one run each: a test for the other one has its turn there."""
    return MAY_BE_ABSENT in reason or OTHER_DATABASE.get(connection.vendor, "?") in reason


def refuse_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    if not report.skipped or hasattr(report, "wasxfail") or not is_insisting():
        return
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    if not is_allowed(reason):
        report.outcome = "failed"
        report.longrepr = f"{report.nodeid} was skipped, and nothing may be missing here: {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    refuse_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    report = yield
    refuse_skip(report)
    return report
