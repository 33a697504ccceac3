"""Collects problems in a browser: console messages, uncaught errors, CSP reports, other hosts."""

from playwright.sync_api import ConsoleMessage, Page, Request, Response

REPORT_CSP = """
addEventListener("securitypolicyviolation", (event) =>
  console.error(`CSP: ${event.violatedDirective} blocked ${event.blockedURI} ${event.sample}`));
"""


class Watch:
    def __init__(self, address: str) -> None:
        self.address = address
        self.problems: list[str] = []

    def attach(self, tab: Page) -> None:
        tab.add_init_script(REPORT_CSP)
        tab.on("console", self.on_console)
        tab.on("pageerror", lambda error: self.problems.append(f"uncaught: {error}"))
        tab.on("request", self.on_request)
        tab.on("response", self.check_policy)

    def on_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not is_own_status(message):
            where = message.location.get("url", "")
            self.problems.append(f"{message.type}: {message.text} ({where})")

    def on_request(self, request: Request) -> None:
        # Privacy: no page may make a request to another host.
        if not request.url.startswith((self.address, "data:", "blob:")):
            self.problems.append(f"request to another host: {request.url}")

    def check_policy(self, response: Response) -> None:
        policy = response.headers.get("content-security-policy", "")
        is_page = response.headers.get("content-type", "").startswith("text/html")
        if is_page and ("default-src 'self'" not in policy or "unsafe" in policy):
            self.problems.append(f"weak policy at {response.url}: {policy!r}")


def is_own_status(message: ConsoleMessage) -> bool:
    """Chromium logs the status of an error page; the test that opened the page checks it."""
    if not message.text.startswith("Failed to load resource") or not message.page:
        return False
    return message.location["url"] == message.page.url
