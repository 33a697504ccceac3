"""The pictures of the report: plots from MLflow's artifacts, and screenshots of the site."""

import shutil
from pathlib import Path

from scripts.dev.loop_demo.step import Picture, Step
from scripts.dev.loop_demo.story import TEXT

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
CAPTIONS = {
    "confusion_matrix.png": "Confusion matrix: the held-out reviews by true and predicted label",
    "calibration.png": "Calibration: the dotted line is where nine in ten of the reviews scored at "
    "90 % are positive",
    "/try/": "The page /try/ with the words that decided",
    "/model/": "The page /model/: the champion and its figures",
}


def collect(step: Step, *, site: Path, url: str, out: Path) -> list[Picture]:
    """Copy the step's plots and take its screenshots into ``out/pictures``."""
    folder = out / "pictures"
    folder.mkdir(exist_ok=True)
    plots = [_copy_plot(name, step.name, site, folder) for name in step.plots]
    screenshots = [
        _take_screenshot(f"{url}{page}", CAPTIONS[page], folder / f"{name}.png")
        for name, page in step.pages.items()
    ]
    return plots + screenshots


def _copy_plot(name: str, step: str, site: Path, folder: Path) -> Picture:
    """Copy a plot of the newest run."""
    plots = list((site / "var" / "mlartifacts").rglob(name))
    if not plots:
        return Picture(CAPTIONS[name], missing_because=f"MLflow has no artifact {name}")
    target = folder / f"{step}-{name}"
    shutil.copy(max(plots, key=lambda path: path.stat().st_mtime_ns), target)
    return Picture(CAPTIONS[name], f"pictures/{target.name}")


def _take_screenshot(address: str, caption: str, target: Path) -> Picture:
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if not program:
        return Picture(caption, missing_because="Chromium is not installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        # Chromium's sandbox cannot start as root; only our own site is opened.
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1000, "height": 800}, color_scheme="light")
        page.goto(address)
        if address.endswith("/try/"):
            page.locator("textarea[name=text]").fill(TEXT)
            page.locator("[data-preview-button]").click()
            page.locator(".prediction").wait_for()
        page.screenshot(path=target, animations="disabled")
        browser.close()
    return Picture(caption, f"pictures/{target.name}")
