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


def test_a_reviewer_signs_out(open_tab):
    tab = open_tab("/", role="bea")
    tab.locator(".site-header form[action*=logout] [type=submit]").click()
    expect(tab.get_by_role("banner").get_by_role("link", name="Sign in")).to_be_visible()
