"""The label appears while a review is being written."""

import re

import pytest
from playwright.sync_api import expect

WORDS = "Boring. A dreadful, tedious waste of two hours."


@pytest.mark.parametrize("address", ["/movies/{movie}/", "/movies/{movie}/review/", "/try/"])
def test_the_prediction_appears_while_typing(open_tab, address):
    tab = open_tab(address)
    tab.locator("textarea").press_sequentially(WORDS)
    expect(tab.locator("[data-preview] mark").first).to_be_visible()
    expect(tab.locator("[data-preview-status]")).to_contain_text(re.compile("negativ", re.I))


def test_clearing_the_text_clears_the_prediction(open_tab):
    tab = open_tab("/try/")
    tab.locator("textarea").fill(WORDS)
    expect(tab.locator("[data-preview] mark").first).to_be_visible()
    tab.locator("textarea").fill("")
    expect(tab.locator("[data-preview] mark")).to_have_count(0)
