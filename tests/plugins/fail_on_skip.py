"""pytest -p tests.plugins.fail_on_skip: with CI=true or REQUIRE_ALL=true, a skipped test fails."""

import os

import pytest
from django.db import connection

# Reviews and movies that may not be copied into the repository.
MAY_BE_ABSENT = "../shared"
OTHER_DATABASE = {"sqlite": "PostgreSQL", "postgresql": "SQLite"}


def must_not_skip() -> bool:
    return "true" in (os.environ.get("CI", "").lower(), os.environ.get("REQUIRE_ALL", "").lower())


def is_allowed(reason: str) -> bool:
    """Allow tests for the other database, which have a run of their own, and absent data."""
    return MAY_BE_ABSENT in reason or OTHER_DATABASE.get(connection.vendor, "?") in reason


def fail_on_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    if not report.skipped or hasattr(report, "wasxfail") or not must_not_skip():
        return
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    if not is_allowed(reason):
        report.outcome = "failed"
        report.longrepr = f"{report.nodeid} was skipped, but no test may be skipped here: {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    fail_on_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    report = yield
    fail_on_skip(report)
    return report
