"""Properties of every page, in a browser."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.pages import ERRORS, PAGES, ROOM, SITE, Page
from tests.browser.watch import Watch

# WCAG's success criteria at levels A and AA, and axe's best practices.
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
MAX_OWN_BYTES = 60_000  # of styles and scripts
MAX_FONT_BYTES = 50_000
# A page at 320 px is one at 1280 px and 400 %: WCAG 1.4.10.
NARROW = {"width": 320, "height": 640}
OWN_BYTES = """performance.getEntriesByType("resource")
  .filter((file) => /\\.(css|js)$/.test(new URL(file.name).pathname))
  .reduce((sum, file) => sum + file.decodedBodySize, 0)"""
FONT_BYTES = """performance.getEntriesByType("resource")
  .filter((file) => new URL(file.name).pathname.endsWith(".woff2"))
  .reduce((sum, file) => sum + file.decodedBodySize, 0)"""
WIDTH = "document.documentElement.scrollWidth"
STATUS = "performance.getEntriesByType('navigation')[0].responseStatus"
MOVING = """[...document.querySelectorAll("*")].filter((part) => {
  const style = getComputedStyle(part);
  const seconds = `${style.transitionDuration},${style.animationDuration}`.split(",");
  return seconds.some((time) => parseFloat(time) > 0.01);
}).map((part) => part.outerHTML.slice(0, 100))"""


def violations(tab) -> list[str]:
    rules = Axe().run(tab, options=RULES).response["violations"]
    return [
        f"{rule['id']}: {node['html'][:200]} {node['failureSummary'][:300]}"
        for rule in rules
        for node in rule["nodes"]
    ]


@dataclass
class PageReport:
    status: int
    width: int
    own_bytes: int
    font_bytes: int
    moving: list[str]
    problems: list[str]


@pytest.fixture(scope="package")
def open_page(chromium, site, signed_in) -> Callable[[Page], PageReport]:
    """Open each page once, in a narrow window and with reduced motion, and report on it."""

    @cache
    def report_on(page: Page) -> PageReport:
        context = chromium.new_context(
            base_url=site.address,
            storage_state=signed_in(page.role),
            viewport=NARROW,
            reduced_motion="reduce",
        )
        tab, watch = context.new_page(), Watch(site.address)
        watch.attach(tab)
        tab.goto(site.path(page.path), wait_until="networkidle" if page.is_late else "load")
        scripts = (STATUS, WIDTH, OWN_BYTES, FONT_BYTES, MOVING)
        measured = [tab.evaluate(script) for script in scripts]
        context.close()
        return PageReport(*measured, watch.problems)

    return report_on


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_a_page_opens_without_problems(open_page, page: Page):
    report = open_page(page)
    assert (report.status, report.problems) == (page.status, [])


@pytest.mark.parametrize("page", [*SITE, *ERRORS, *ROOM], ids=str)
def test_a_page_fits_a_narrow_window(open_page, page: Page):
    assert open_page(page).width <= NARROW["width"]


@pytest.mark.parametrize("page", SITE + ERRORS, ids=str)
def test_own_styles_and_scripts_of_a_page_are_small(open_page, page: Page):
    assert 0 < open_page(page).own_bytes <= MAX_OWN_BYTES


@pytest.mark.parametrize("page", SITE + ERRORS, ids=str)
def test_fonts_of_a_page_are_small(open_page, page: Page):
    assert 0 < open_page(page).font_bytes <= MAX_FONT_BYTES


@pytest.mark.parametrize("page", SITE + ERRORS, ids=str)
def test_nothing_moves_with_reduced_motion(open_page, page: Page):
    assert open_page(page).moving == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("page", PAGES, ids=str)
def test_axe_finds_no_violation(open_tab, page: Page, theme):
    # axe sets inline styles, which the policy would report.
    tab = open_tab(page.path, role=page.role, theme=theme, bypass_csp=True)
    tab.wait_for_load_state("networkidle" if page.is_late else "load")
    assert violations(tab) == []
