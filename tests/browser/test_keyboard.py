"""Everything works by keyboard, with a visible focus."""

import pytest
from playwright.sync_api import Page as Tab

MAX_STOPS = 400
REACHABLE = """[...document.querySelectorAll(
  "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']")]
  .filter((part) => !part.disabled && part.tabIndex >= 0 && part.checkVisibility(
    { visibilityProperty: true }) && !part.closest("[aria-hidden=true]")).length"""
FOCUSED = """() => {
  const part = document.activeElement;
  if (part === document.body) return null;
  const box = part.getBoundingClientRect(), isNew = !part.dataset.visited;
  // Of a card, the whole is outlined.
  const styles = [part, part.closest(".movie-card")].filter(Boolean).map(
    (each) => getComputedStyle(each));
  const shares = [0.1, 0.5, 0.9];
  const tops = shares.flatMap((x) => shares.map((y) =>
    document.elementFromPoint(box.left + x * box.width, box.top + y * box.height)));
  part.dataset.visited = "yes";
  return {
    name: part.outerHTML.slice(0, 120),
    isNew,
    isOutlined: styles.some((style) =>
      style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2),
    isUncovered: tops.some((top) => top && (part.contains(top) || top.contains(part))),
  };
}"""


def walk(tab: Tab) -> list[dict]:
    """Press Tab once around the page and return the stops."""
    stops = []
    for _ in range(MAX_STOPS):
        tab.keyboard.press("Tab")
        stop = tab.evaluate(FOCUSED)
        if stop is None:  # past the last one, into the browser's own controls
            continue
        if not stop["isNew"]:
            break
        stops.append(stop)
    return stops


PATHS = ["/", "/movies/", "/movies/{movie}/", "/reviews/{review}/", "/try/", "/accounts/login/"]


@pytest.mark.parametrize("path", PATHS)
def test_the_tab_key_reaches_everything_with_a_visible_focus(open_tab, path):
    tab = open_tab(path, reduced_motion="reduce")
    stops = walk(tab)
    assert len(stops) == tab.evaluate(REACHABLE)
    assert [stop["name"] for stop in stops if not stop["isOutlined"]] == []
    assert [stop["name"] for stop in stops if not stop["isUncovered"]] == []


def test_the_first_tab_stop_skips_to_the_content(open_tab):
    tab = open_tab("/movies/")
    tab.keyboard.press("Tab")
    tab.keyboard.press("Enter")
    assert tab.evaluate("document.activeElement.id") == "content"
    tab.keyboard.press("Tab")
    assert tab.evaluate("Boolean(document.activeElement.closest('main'))")


def test_a_review_is_written_without_a_mouse(open_tab):
    tab = open_tab("/movies/{visited}/review/")
    tab.locator("[name=text]").focus()
    tab.keyboard.type("Brilliant and moving, and never dull.")
    tab.locator("form:has([name=text]) [type=submit]:not([name])").first.focus()
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/reviews/**")
