"""Take the screenshots for the docs with this machine's Chromium.

They show a newly seeded site, so that they do not depend on the developer's database.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from common.sqlite_files import sqlite_url
from tests.support import free_port, run, running, wait_for_url

ROOT = Path(__file__).resolve().parents[2]
TARGET = ROOT / "docs" / "screenshots"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
SCREENS: dict[str, ViewportSize] = {
    "": {"width": 1280, "height": 1000},
    "-phone": {"width": 390, "height": 844},
}
THEMES: dict[str, Literal["light", "dark"]] = {"": "light", "-dark": "dark"}
MOVIE = "/movies/?sort=reviewed"
# Positive and negative words, so that the picture shows both kinds of highlights.
REVIEW = (
    "The first hour is slow and I was ready to be bored, but then it turns into something "
    "wonderful: a brilliant, moving second half, and a great performance at the heart of it. "
    "A pity about the silly ending. I loved it all the same."
)


@contextmanager
def served_site() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        address = f"127.0.0.1:{free_port()}"
        own = {"DEBUG": "true", "VAR_DIR": folder, "BIND": address, "LOG_LEVEL": "WARNING"}
        database = {"DATABASE_URL": sqlite_url(Path(folder) / "site.sqlite3")}
        env = os.environ | own | database
        run(sys.executable, "-m", "scripts.dev.prepare", cwd=ROOT, env=env)
        with running(sys.executable, "-m", "gunicorn", cwd=ROOT, env=env):
            wait_for_url(f"http://{address}/readyz", timeout_s=60)
            yield f"http://{address}"


def find_addresses(browser: Browser, site: str) -> dict[str, str]:
    """Return the address of each page, after submitting a review through the form."""
    page = browser.new_page(base_url=site)
    page.goto(MOVIE)
    page.locator(".movie-card__title a").first.click()
    movie = page.url
    page.goto(f"{movie}review/")
    page.locator("[name=text]").fill(REVIEW)
    page.locator("[name=guest_name]").fill("Ana")
    page.locator("form:has([name=text]) [type=submit]:not([name])").click()
    page.wait_for_url("**/reviews/**")
    review = page.url.partition("?")[0]
    page.close()
    return {"home": f"{site}/", "movie": movie, "review": review}


def take_screenshot(page: Page, address: str, target: Path) -> None:
    page.goto(address, wait_until="networkidle")
    page.screenshot(path=target, animations="disabled")
    print(target.relative_to(ROOT))


def main() -> None:
    chromium = next(filter(None, map(shutil.which, BROWSERS)), None)
    if not chromium:
        sys.exit("Chromium is not installed. On Debian: apt install chromium")
    TARGET.mkdir(parents=True, exist_ok=True)
    with served_site() as site, sync_playwright() as playwright:
        # Chromium's sandbox cannot start as root; only our own site is opened.
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        addresses = find_addresses(browser, site)
        for screen, viewport in SCREENS.items():
            for theme, scheme in THEMES.items():
                page = browser.new_page(
                    color_scheme=scheme, viewport=viewport, is_mobile=screen == "-phone"
                )
                for name, address in addresses.items():
                    take_screenshot(page, address, TARGET / f"{name}{screen}{theme}.png")
                page.close()
        browser.close()


if __name__ == "__main__":
    main()
