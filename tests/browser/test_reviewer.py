"""A reviewer with an account writes, disputes a label, and signs out."""

import re

from playwright.sync_api import expect

from tests.browser.fill import PASSWORD


def test_signing_in_returns_to_the_page_before(open_tab):
    tab = open_tab("/movies/{quiet}/")
    tab.get_by_role("banner").get_by_role("link", name="Sign in").click()
    tab.locator("main [name=username]").fill("ana")
    tab.locator("main [name=password]").fill(PASSWORD)
    tab.locator("main form:has([name=password]) [type=submit]").click()
    expect(tab).to_have_url(re.compile("/movies/a-film-that-no-one-saw-1999/"))
    expect(tab.get_by_role("banner")).to_contain_text("ana")


def test_a_wrong_password_shows_an_error_and_signs_no_one_in(open_tab):
    tab = open_tab("/accounts/login/")
    tab.locator("main [name=username]").fill("ana")
    tab.locator("main [name=password]").fill("wrong")
    tab.locator("main form:has([name=password]) [type=submit]").click()
    expect(tab.locator("main .errorlist")).to_be_visible()
    expect(tab.get_by_role("banner")).not_to_contain_text("ana")


def test_an_author_disputes_a_label_and_withdraws_the_dispute(open_tab):
    tab = open_tab("/movies/{reviewed}/review/", role="ana")
    tab.locator("[name=text]").fill("Terrible, they said. Boring, they said. I beg to differ.")
    tab.locator("form:has([name=text]) [type=submit]:not([name])").first.click()
    expect(tab).to_have_url(re.compile(r"/reviews/\d+/"))
    tab.locator("details:has([name=note]) summary").click()
    tab.locator("[name=note]").fill("It is praise.")
    tab.locator("form:has([name=note]) [type=submit]").click()
    withdraw = tab.locator("form[action$='/dispute/withdraw/'] [type=submit]")
    withdraw.click()
    expect(tab.locator("form[action$='/dispute/']")).to_have_count(1)


def test_an_account_reviews_a_movie_only_once(open_tab):
    tab = open_tab("/movies/{movie}/review/", role="ana")
    if tab.locator("[name=text]").count():
        tab.locator("[name=text]").fill("A second opinion of mine, which is good.")
        tab.locator("form:has([name=text]) [type=submit]:not([name])").first.click()
    expect(tab.locator("main")).to_contain_text("already")


def test_a_reviewer_signs_out(open_tab):
    tab = open_tab("/", role="bea")
    tab.locator(".site-header form[action*=logout] [type=submit]").click()
    expect(tab.get_by_role("banner").get_by_role("link", name="Sign in")).to_be_visible()
