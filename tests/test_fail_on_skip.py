import pytest

pytest_plugins = ["pytester"]

SKIPPING = """
import pytest

def test_with_a_browser():
    pytest.skip({reason!r})
"""


@pytest.fixture
def skipping(pytester, monkeypatch):
    def run(reason: str, ci: str):
        monkeypatch.setenv("CI", ci)
        monkeypatch.setenv("REQUIRE_ALL", "")
        pytester.makepyfile(SKIPPING.format(reason=reason))
        plugins = ("-p", "tests.plugins.fail_on_skip", "-p", "no:django", "-p", "no:cacheprovider")
        return pytester.runpytest_inprocess(*plugins)

    return run


def test_a_skipped_test_fails_in_ci(skipping):
    skipping("no Chromium", ci="true").assert_outcomes(failed=1)


def test_a_skipped_test_is_skipped_on_a_laptop(skipping):
    skipping("no Chromium", ci="").assert_outcomes(skipped=1)


def test_data_outside_the_repository_may_be_absent_in_ci(skipping):
    skipping("../shared/data is not here", ci="true").assert_outcomes(skipped=1)


def test_a_module_that_cannot_be_imported_fails_in_ci(pytester, monkeypatch):
    monkeypatch.setenv("CI", "true")
    pytester.makepyfile("import pytest\npytest.importorskip('no_such_module')")
    run = pytester.runpytest_inprocess("-p", "tests.plugins.fail_on_skip", "-p", "no:django")
    run.assert_outcomes(errors=1)
