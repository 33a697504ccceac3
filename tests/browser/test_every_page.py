"""What holds for every page of the site, in a browser."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.pages import ERRORS, PAGES, SITE, Page

# WCAG's success criteria at levels A and AA, and axe's own advice.
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
MAX_OWN_BYTES = 60_000
# A page at 320 px is one at 1280 px and 400 %: WCAG 1.4.10.
NARROW = {"width": 320, "height": 640}
OWN_BYTES = """performance.getEntriesByType("resource")
  .filter((file) => /\\.(css|js)$/.test(new URL(file.name).pathname))
  .reduce((sum, file) => sum + file.decodedBodySize, 0)"""
STATUS = "performance.getEntriesByType('navigation')[0].responseStatus"
MOVING = """[...document.querySelectorAll("*")].filter((part) => {
  const style = getComputedStyle(part);
  const seconds = `${style.transitionDuration},${style.animationDuration}`.split(",");
  return seconds.some((time) => parseFloat(time) > 0.01);
}).map((part) => part.outerHTML.slice(0, 100))"""


def violations(tab) -> list[str]:
    found = Axe().run(tab, options=RULES).response["violations"]
    return [
        f"{rule['id']}: {node['html'][:200]} {node['failureSummary'][:300]}"
        for rule in found
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_a_page_opens_without_complaint(open_tab, page: Page):
    tab = open_tab(page.path, role=page.role)
    tab.wait_for_load_state("networkidle")  # what goes wrong later is heard, too
    assert tab.evaluate(STATUS) == page.status


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("page", PAGES, ids=str)
def test_axe_finds_no_violation(open_tab, page: Page, theme):
    # axe itself sets styles, which the policy would report.
    tab = open_tab(page.path, role=page.role, theme=theme, bypass_csp=True)
    tab.wait_for_load_state("networkidle" if page.is_late else "load")
    assert violations(tab) == []


@pytest.mark.parametrize("page", SITE + ERRORS, ids=str)
def test_a_page_fits_a_narrow_window(open_tab, page: Page):
    tab = open_tab(page.path, role=page.role, viewport=NARROW)
    assert tab.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]


@pytest.mark.parametrize("page", SITE + ERRORS, ids=str)
def test_own_styles_and_scripts_of_a_page_are_small(open_tab, page: Page):
    size = open_tab(page.path, role=page.role).evaluate(OWN_BYTES)
    assert 0 < size <= MAX_OWN_BYTES


@pytest.mark.parametrize("page", SITE + ERRORS, ids=str)
def test_nothing_moves_for_who_wants_less_motion(open_tab, page: Page):
    tab = open_tab(page.path, role=page.role, reduced_motion="reduce")
    assert tab.evaluate(MOVING) == []
