"""The watch itself: other tests rely on it to notice problems."""

import pytest
from playwright.sync_api import Page as Tab

from tests.browser.watch import Watch

INLINE = "document.body.append(Object.assign(document.createElement('script'), {text: 'x=1'}))"


@pytest.fixture
def watched(chromium, site):
    tab = chromium.new_page(base_url=site.address)
    watch = Watch(site.address)
    watch.attach(tab)
    tab.goto("/accounts/login/")
    yield tab, watch
    tab.close()


@pytest.mark.parametrize(
    ("script", "problem_text"),
    [
        ("console.error('broken')", "broken"),
        ("setTimeout(() => { throw new Error('oh no') })", "oh no"),
        ("fetch('/no-such-file')", "404"),
        ("document.body.setAttribute('style', 'color: red')", "CSP"),
        (INLINE, "CSP"),
        ("new Image().src = 'https://127.0.0.1:9/'", "another host"),
    ],
)
def test_the_watch_reports_a_problem(watched: tuple[Tab, Watch], script, problem_text):
    tab, watch = watched
    tab.evaluate(f"() => {{ {script} }}")
    for _ in range(500):
        if any(problem_text in problem for problem in watch.problems):
            return
        tab.wait_for_timeout(10)
    pytest.fail(f"the watch reported only {watch.problems}")


@pytest.mark.parametrize(
    ("policy", "is_weak"),
    [
        ("default-src 'self'", False),
        ("default-src 'self'; style-src 'unsafe-inline'", True),
        ("img-src 'self'", True),
        ("", True),
    ],
)
def test_the_watch_reports_a_weak_policy(watched: tuple[Tab, Watch], policy, is_weak):
    tab, watch = watched
    headers = {"content-type": "text/html", "content-security-policy": policy}
    tab.route("**/", lambda route: route.fulfill(body="<title>x</title>", headers=headers))
    tab.goto("/")
    assert any("weak policy" in problem for problem in watch.problems) == is_weak


def test_a_good_page_has_no_problems(watched: tuple[Tab, Watch]):
    assert watched[1].problems == []
