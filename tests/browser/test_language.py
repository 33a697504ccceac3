"""The site in German."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.test_every_page import violations


def test_the_language_switch_keeps_the_page(open_tab):
    tab = open_tab("/movies/?sort=newest", bypass_csp=True)
    tab.get_by_role("button", name="Deutsch").click()
    expect(tab.locator("html")).to_have_attribute("lang", "de")
    expect(tab).to_have_url(re.compile(r"/movies/\?sort=newest"))
    expect(tab.get_by_role("heading", level=1)).to_have_text(re.compile("Filme"))
    assert violations(tab) == []


@pytest.mark.parametrize("width", [320, 360])
@pytest.mark.parametrize("path", ["/", "/movies/", "/try/", "/model/"])
def test_german_words_fit_a_phone(open_tab, path, width):
    tab = open_tab(path, locale="de-DE", viewport={"width": width, "height": 800})
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
