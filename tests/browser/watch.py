"""What goes wrong in a browser: console errors, uncaught errors, CSP reports, other hosts."""

from playwright.sync_api import ConsoleMessage, Page, Request, Response

REPORT_CSP = """
addEventListener("securitypolicyviolation", (event) =>
  console.error(`CSP: ${event.violatedDirective} refused ${event.blockedURI} ${event.sample}`));
"""


class Watch:
    def __init__(self, address: str) -> None:
        self.address = address
        self.problems: list[str] = []

    def over(self, tab: Page) -> None:
        tab.add_init_script(REPORT_CSP)
        tab.on("console", self.hear)
        tab.on("pageerror", lambda error: self.problems.append(f"uncaught: {error}"))
        tab.on("request", self.see)
        tab.on("response", self.check_policy)

    def hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not is_the_page_itself(message):
            where = message.location.get("url", "")
            self.problems.append(f"{message.type}: {message.text} ({where})")

    def see(self, request: Request) -> None:
        """Everything is served from here, so that nobody else learns who looks at what."""
        if not request.url.startswith((self.address, "data:", "blob:")):
            self.problems.append(f"asked another host: {request.url}")

    def check_policy(self, response: Response) -> None:
        policy = response.headers.get("content-security-policy", "")
        is_page = response.headers.get("content-type", "").startswith("text/html")
        if is_page and ("default-src 'self'" not in policy or "unsafe" in policy):
            self.problems.append(f"a weak policy at {response.url}: {policy!r}")


def is_the_page_itself(message: ConsoleMessage) -> bool:
    """Chromium reports an error page as an error; the test that opened it knows its status."""
    if not message.text.startswith("Failed to load resource") or not message.page:
        return False
    return message.location["url"] == message.page.url
