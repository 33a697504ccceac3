"""Posters that do not load, with the site's real policy."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import BrowserContext, Route
from playwright.sync_api import Page as Tab

POSTER_HOST = "upload.wikimedia.org"
# Broken images have no size. The last one is in front.
SHOWN = """[...document.querySelectorAll(".movie-page__poster img")]
  .filter((image) => image.complete && image.naturalWidth > 0)
  .map((image) => new URL(image.currentSrc).pathname).at(-1)"""
Open = Callable[..., Tab]


@pytest.fixture(scope="module", autouse=True)
def poster_of_another_host(chromium, site, signed_in) -> Iterator[None]:
    """Set the movie's poster for these tests only: no other page may make a request to it."""

    def save(address: str) -> None:
        context = chromium.new_context(
            base_url=site.address, storage_state=signed_in("curator"), java_script_enabled=False
        )
        tab = context.new_page()
        tab.goto(site.path("/admin/movies/movie/{pictured_pk}/change/"))
        tab.locator("[name=poster_url]").fill(address)
        tab.locator("[name=_save]").click()
        context.close()

    save(f"https://{POSTER_HOST}/poster.jpg")
    yield
    save("")


@pytest.fixture
def open_with_poster(chromium, site) -> Iterator[Open]:
    contexts: list[BrowserContext] = []

    def open_(answer: Callable[[Route], None], **options) -> Tab:
        context = chromium.new_context(base_url=site.address, **options)
        contexts.append(context)
        context.route(f"https://{POSTER_HOST}/**", answer)
        tab = context.new_page()
        tab.goto(site.path("/movies/{pictured}/"), wait_until="networkidle")
        return tab

    yield open_
    for context in contexts:
        context.close()


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without"])
@pytest.mark.parametrize(
    "answer",
    [
        lambda route: route.abort(),
        lambda route: route.fulfill(status=404, body="gone"),
        lambda route: route.fulfill(status=200, content_type="image/jpeg", body="<html>"),
    ],
    ids=["unreachable", "not found", "no image"],
)
def test_poster_that_does_not_load_is_drawn(open_with_poster, site, answer, script):
    tab = open_with_poster(answer, java_script_enabled=script)
    assert tab.evaluate(SHOWN) == site.path("/movies/{pictured}/poster.svg")


def test_poster_that_loads_is_shown(open_with_poster):
    svg = '<svg xmlns="http://www.w3.org/2000/svg" width="2" height="3"/>'
    tab = open_with_poster(lambda route: route.fulfill(content_type="image/svg+xml", body=svg))
    assert tab.evaluate(SHOWN) == "/poster.jpg"


def test_poster_of_a_host_that_the_policy_blocks_is_drawn(open_with_poster, site):
    tab = open_with_poster(lambda route: route.abort())
    tab.evaluate("""() => {
      const image = document.querySelector(".movie-page__poster img");
      image.dataset.drawn = location.pathname + "poster.svg";
      image.src = "https://elsewhere.example/poster.jpg";
    }""")
    tab.wait_for_function(f"({SHOWN}) === {site.path('/movies/{pictured}/poster.svg')!r}")


def test_drawn_poster_looks_the_same_without_javascript(open_with_poster):
    pictures = [
        open_with_poster(lambda route: route.abort(), java_script_enabled=script)
        .locator(".movie-page__poster .poster")
        .screenshot()
        for script in (True, False)
    ]
    assert pictures[0] == pictures[1]
