"""A curator decides a dispute, hides spam, and adds a movie."""

import re

import pytest
from playwright.sync_api import expect

QUEUE = "/admin/reviews/moviereview/queue/?kind=disputed"


def test_a_curator_decides_a_dispute_with_one_key(open_tab):
    tab = open_tab(QUEUE, role="curator")
    review = f"/reviews/{tab.locator('[data-queue] [name=review]').first.get_attribute('value')}/"
    with tab.expect_navigation():
        tab.keyboard.press("p")
    tab.goto(review)
    expect(tab.locator("main")).to_contain_text("set by a curator")


def test_a_curator_hides_with_two_keys_and_undoes_it_with_one(open_tab):
    tab = open_tab("/admin/reviews/moviereview/queue/?review={spam}", role="curator")
    tab.keyboard.press("1")  # the list is closed
    tab.keyboard.press("h")
    with tab.expect_navigation():
        tab.keyboard.press("1")
    visitor = open_tab("/movies/{moderated}/")
    expect(visitor.locator("main")).not_to_contain_text("watches")
    with tab.expect_navigation():
        tab.keyboard.press("z")
    expect(tab.locator(".queue__review")).to_contain_text("watches")
    visitor.reload()
    expect(visitor.locator("main")).to_contain_text("watches")


def test_a_hidden_review_is_gone_from_the_site(open_tab):
    tab = open_tab("/admin/reviews/moviereview/{spam}/change/", role="curator")
    tab.locator("[name=is_hidden]").check()
    tab.locator("[name=_save]").click()
    expect(tab.locator(".messagelist .success")).to_be_visible()
    visitor = open_tab("/movies/{moderated}/")
    expect(visitor.locator("main")).to_contain_text("It is awful")
    expect(visitor.locator("main")).not_to_contain_text("watches")


def test_a_movie_added_by_a_curator_is_found(open_tab):
    tab = open_tab("/admin/movies/movie/add/", role="curator")
    tab.locator("[name=title]").fill("The Potato Peelers")
    tab.locator("[name=year]").fill("2024")
    tab.locator("[name=_save]").click()
    expect(tab.locator(".messagelist .success")).to_be_visible()
    visitor = open_tab("/movies/?q=peelers")
    expect(visitor.get_by_role("link", name=re.compile("Potato Peelers")).first).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_admin_has_the_colours_of_the_site(open_tab, theme):
    colour = "getComputedStyle(document.body).backgroundColor"
    site = open_tab("/", theme=theme).evaluate(colour)
    assert open_tab("/admin/", role="curator", theme=theme).evaluate(colour) == site


def test_the_theme_chosen_on_the_site_is_that_of_the_admin(open_tab):
    tab = open_tab("/", role="curator")
    tab.locator("[data-theme-switch]").click()
    tab.goto(tab.url + "admin/")
    assert tab.evaluate("document.documentElement.dataset.theme") == "dark"
    tab.locator("[data-theme-switch]").click()
    assert tab.evaluate("document.documentElement.dataset.theme") == "light"


def test_the_queue_is_one_click_from_the_dashboard(open_tab):
    tab = open_tab("/admin/", role="curator")
    tab.locator(".dashboard-button").click()
    expect(tab.locator("[data-queue]").first).to_be_visible()


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_list_of_reviews_fits_1280_pixels(open_tab, language):
    window = {"width": 1280, "height": 800}
    tab = open_tab("/admin/reviews/moviereview/", role="curator", viewport=window, locale=language)
    overflow = "(part) => part.scrollWidth - part.clientWidth"
    assert tab.locator("html").evaluate(overflow) <= 0
    assert tab.locator(".results").evaluate(overflow) <= 0
    expect(tab.locator(".field-links").first).to_be_in_viewport(ratio=1)
