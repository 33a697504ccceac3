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


@pytest.mark.parametrize(
    ("reason", "ci", "outcome"),
    [
        ("no Chromium", "true", "failed"),
        ("no Chromium", "", "skipped"),
        ("../shared/data is not here", "true", "skipped"),  # it may be absent
    ],
)
def test_a_skipped_test_fails_in_ci(skipping, reason, ci, outcome):
    skipping(reason, ci).assert_outcomes(**{outcome: 1})


def test_a_module_that_cannot_be_imported_fails_in_ci(pytester, monkeypatch):
    monkeypatch.setenv("CI", "true")
    pytester.makepyfile("import pytest\npytest.importorskip('no_such_module')")
    run = pytester.runpytest_inprocess("-p", "tests.plugins.fail_on_skip", "-p", "no:django")
    run.assert_outcomes(errors=1)
