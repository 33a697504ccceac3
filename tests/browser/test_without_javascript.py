"""Pages work without JavaScript."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.pages import SITE, Page


@pytest.fixture
def open_plain(open_tab):
    return lambda path, **options: open_tab(path, java_script_enabled=False, **options)


@pytest.mark.parametrize("page", SITE, ids=str)
def test_a_page_works_without_javascript(open_plain, page: Page):
    tab = open_plain(page.path, role=page.role)
    expect(tab.locator("h1")).to_be_visible()


def test_controls_that_need_javascript_are_hidden_without_it(open_plain):
    expect(open_plain("/").locator("[data-theme-switch]")).to_be_hidden()


def test_a_review_is_written_without_javascript(open_plain):
    tab = open_plain("/movies/{visited}/")
    tab.locator("[name=text]").fill("Boring. A dreadful, tedious waste of two hours.")
    tab.locator("form:has([name=text]) [type=submit]:not([name])").first.click()
    expect(tab).to_have_url(re.compile(r"/reviews/\d+/"))
    expect(tab.locator("main")).to_contain_text("negative")


def test_a_button_previews_the_label_without_javascript(open_plain):
    tab = open_plain("/movies/{visited}/review/")
    tab.locator("[name=text]").fill("Boring. A dreadful, tedious waste of two hours.")
    tab.locator("[name=preview]").click()
    expect(tab.locator("[data-preview] mark").first).to_be_visible()
    expect(tab.locator("[name=text]")).to_have_value(re.compile("^Boring"))
