"""A visitor finds a movie, reviews it, and tries the model."""

import re

from playwright.sync_api import expect


def test_a_visitor_finds_a_movie_and_its_freshness(open_tab):
    home = open_tab("/")
    home.locator("header [name=q]").fill("titanic")
    home.keyboard.press("Enter")
    home.locator("main").get_by_role("link", name="Titanic", exact=True).first.click()
    expect(home).to_have_url(re.compile(r"/movies/titanic-1997/"))
    expect(home.locator("main")).to_contain_text(re.compile(r"\d+\s?%"))


def test_a_visitor_writes_a_review_and_sees_its_label(open_tab):
    tab = open_tab("/movies/{visited}/")
    tab.locator("[name=text]").fill("A wonderful, moving film with a brilliant cast. I loved it.")
    tab.locator("[name=guest_name]").fill("Bo")
    tab.locator("form:has([name=text]) [type=submit]:not([name])").first.click()
    expect(tab).to_have_url(re.compile(r"/reviews/\d+/"))
    expect(tab.locator("main")).to_contain_text("positive")
    expect(tab.locator("main mark").filter(has_text="wonderful")).to_be_visible()


def test_a_visitor_tries_the_model(open_tab):
    tab = open_tab("/try/")
    tab.locator("main [name=text]").fill("Dull, tedious and badly acted. A waste of time.")
    tab.locator("main form:has([name=text]) [type=submit]").first.click()
    expect(tab.locator("main")).to_contain_text(re.compile("negative", re.IGNORECASE))
    expect(tab.locator("main mark").filter(has_text="waste").first).to_be_visible()


def test_the_theme_switch_is_remembered(open_tab):
    tab = open_tab("/")
    paper = "getComputedStyle(document.body).backgroundColor"
    light = tab.evaluate(paper)
    tab.locator("[data-theme-switch]").click()
    tab.goto("/movies/")
    assert tab.evaluate(paper) != light
    expect(tab.locator("[data-theme-switch]")).to_have_attribute("aria-pressed", "true")
