"""Fetch pictures from other hosts, politely: one at a time, with pauses, as robots.txt allows."""

import time
from collections.abc import Callable
from http.client import HTTPException, HTTPResponse
from urllib.parse import SplitResult, urljoin, urlsplit
from urllib.robotparser import RobotFileParser

from django.utils.encoding import iri_to_uri

from movies.posters.public_network import NotPublicError, open_connection

TIMEOUT_S, MAX_SECONDS = 10, 60  # for one read, and for one file
MAX_BYTES = 20_000_000
MAX_REDIRECTS = 5
MAX_TRIES = 3  # while the host is busy
MAX_PAUSE_S = 120  # a host that asks for a longer pause is skipped
REDIRECTS = (301, 302, 303, 307, 308)
GONE = (400, 404, 410, 414, 451)  # trying again does not help
BUSY = (429, 503)


class DownloadError(Exception):
    """An address does not give a file. The message says why."""

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


class GoneError(DownloadError):
    """Trying again does not help."""


class BusyError(DownloadError):
    """The host asks for fewer requests, which says nothing about the address."""


class Downloader:
    """Requests files, with ``pause_s`` seconds between two requests to one host."""

    def __init__(
        self,
        agent: str,
        *,
        pause_s: float = 1,
        sleep: Callable[[float], object] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.agent, self.pause_s, self.sleep, self.clock = agent, pause_s, sleep, clock
        self.free_at: dict[str, float] = {}
        self.robots: dict[str, RobotFileParser] = {}

    def get(self, url: str) -> bytes:
        """Return the file, also after redirects.

        Raises
        ------
        DownloadError
        """
        for _ in range(MAX_TRIES - 1):
            try:
                return self._follow(url, self._check_robots)
            except BusyError:
                continue  # the next try begins with the pause that the host asks for
        return self._follow(url, self._check_robots)

    def _follow(self, url: str, check: Callable[[SplitResult, str], object]) -> bytes:
        for _ in range(MAX_REDIRECTS + 1):
            url = iri_to_uri(url)
            try:
                parts = urlsplit(url)
                check(parts, url)
                answer = self._request(parts)
            except NotPublicError as error:
                raise GoneError(str(error)) from error
            # A host name or a path that cannot be sent is a ValueError.
            except (OSError, HTTPException, ValueError) as error:
                raise DownloadError(f"{type(error).__name__}: {error}") from error
            if isinstance(answer, bytes):
                return answer
            url = urljoin(url, answer)
        raise GoneError(f"more than {MAX_REDIRECTS} redirects")

    def _request(self, parts: SplitResult) -> bytes | str:
        """Return the body, or the address of a redirect."""
        self._wait(parts.netloc)
        host = parts.hostname or ""
        connection = open_connection(parts.scheme, host, parts.port, TIMEOUT_S)
        try:
            target = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
            connection.request("GET", target, headers={"User-Agent": self.agent})
            return self._read(connection.getresponse(), parts.netloc)
        finally:
            connection.close()
            self.free_at[parts.netloc] = max(
                self.free_at.get(parts.netloc, 0), self.clock() + self.pause_s
            )

    def _read(self, response: HTTPResponse, host: str) -> bytes | str:
        location = response.getheader("Location")
        if response.status in REDIRECTS and location:
            return location
        if response.status in BUSY:
            pause = response.getheader("Retry-After") or ""
            seconds = int(pause) if pause.isdigit() else MAX_PAUSE_S
            self.free_at[host] = self.clock() + seconds
            raise BusyError(f"status {response.status}: wait {seconds} s")
        if response.status != 200:
            kind = GoneError if response.status in GONE else DownloadError
            raise kind(f"status {response.status}", response.status)
        return self._read_body(response)

    def _read_body(self, response: HTTPResponse) -> bytes:
        body, deadline = bytearray(), self.clock() + MAX_SECONDS
        while chunk := response.read1(65_536):
            body += chunk
            if len(body) > MAX_BYTES:
                raise GoneError(f"more than {MAX_BYTES:,} bytes")
            if self.clock() > deadline:
                raise DownloadError(f"not complete after {MAX_SECONDS} s")
        return bytes(body)

    def _wait(self, host: str) -> None:
        seconds = self.free_at.get(host, 0) - self.clock()
        if seconds > max(MAX_PAUSE_S, self.pause_s):
            raise BusyError(f"{host} asks for a pause of {seconds:.0f} s")
        if seconds > 0:
            self.sleep(seconds)

    def _check_robots(self, parts: SplitResult, url: str) -> None:
        site = f"{parts.scheme}://{parts.netloc}"
        if site not in self.robots:
            self.robots[site] = self._read_robots(site)
        if not self.robots[site].can_fetch(self.agent, url):
            raise DownloadError("robots.txt does not allow it")

    def _read_robots(self, site: str) -> RobotFileParser:
        rules = RobotFileParser()
        try:
            text = self._follow(f"{site}/robots.txt", lambda parts, url: None).decode(
                errors="replace"
            )
        except GoneError:
            text = ""  # no rules
        rules.parse(text.splitlines())
        return rules
