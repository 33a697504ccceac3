"""A seeded site, served as in production, and a Chromium that reports problems."""

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright
from playwright.sync_api import Page as Tab

from tests.browser.fill import PASSWORD
from tests.browser.watch import Watch
from tests.support import free_port, run, running, wait_for_url

ROOT = Path(__file__).resolve().parent.parent.parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
DESKTOP, PHONE = {"width": 1440, "height": 900}, {"width": 360, "height": 740}
OpenTab = Callable[..., Tab]


@dataclass
class Site:
    address: str
    places: dict[str, str | int]  # values for the templates of paths

    def path(self, template: str) -> str:
        return template.format(**self.places)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if not program:
        pytest.skip("Chromium is not installed (on Debian: apt install chromium)")
    with sync_playwright() as playwright:
        # Chromium's sandbox cannot start as root; only our own site is opened.
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def site(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    address = f"127.0.0.1:{free_port()}"
    env = os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.browser.settings",
        "VAR_DIR": str(folder),
        "DATABASE_URL": f"sqlite:///{folder}/site.sqlite3",
        "BIND": address,
        "LOG_LEVEL": "ERROR",
    }
    places = folder / "places.json"
    run(sys.executable, "-m", "tests.browser.fill", places, cwd=ROOT, env=env)
    with running(sys.executable, "-m", "gunicorn", cwd=ROOT, env=env):
        wait_for_url(f"http://{address}/readyz", timeout_s=60)
        yield Site(f"http://{address}", json.loads(places.read_text()))


@pytest.fixture(scope="package")
def signed_in(chromium: Browser, site: Site) -> Callable[[str], dict | None]:
    """Return the storage state of an account; each account signs in only once."""
    states: dict[str, dict] = {}

    def state_of(role: str) -> dict | None:
        if role and role not in states:
            context = chromium.new_context(base_url=site.address)
            sign_in(context.new_page(), role)
            states[role] = context.storage_state()
            context.close()
        return states.get(role)

    return state_of


@pytest.fixture
def open_tab(chromium: Browser, site: Site, signed_in) -> Iterator[OpenTab]:
    """Open a tab at a path of the site; any problem in it fails the test."""
    contexts: list[BrowserContext] = []
    watch = Watch(site.address)

    def open_(path: str, *, role: str = "", theme: str = "light", **options) -> Tab:
        options = {"viewport": DESKTOP, "color_scheme": theme, "base_url": site.address} | options
        context = chromium.new_context(storage_state=signed_in(role), **options)
        context.set_default_timeout(15_000)
        contexts.append(context)
        tab = context.new_page()
        watch.attach(tab)
        tab.goto(site.path(path))
        return tab

    yield open_
    for context in contexts:
        context.close()
    assert watch.problems == []


def sign_in(tab: Tab, name: str) -> None:
    tab.goto("/accounts/login/")
    tab.locator("main [name=username]").fill(name)
    tab.locator("main [name=password]").fill(PASSWORD)
    tab.locator("main form:has([name=password]) [type=submit]").click()
    tab.wait_for_url(lambda url: "login" not in url)
