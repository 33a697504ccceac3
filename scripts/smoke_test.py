"""Is the site at this address whole? smoke_test.py URL [--checksum SHA] [--deployed FILE]

Needs nothing but Python: it runs where the site is not installed.
"""

import argparse
import json
import re
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

TIMEOUT_S = 15
LOVED, HATED = "A wonderful film, I loved every minute of it.", "Dull, stupid, a waste of time."


class Broken(Exception):
    """One sentence for the operator."""


class Site:
    def __init__(self, url: str, host: str = "") -> None:
        self.url = url.rstrip("/")
        self.headers = {"Host": host} if host else {}

    def get(self, path: str, body: dict | None = None) -> str:
        headers = {**self.headers, "Content-Type": "application/json"}
        data = json.dumps(body).encode() if body else None
        try:
            with urlopen(Request(self.url + path, data, headers), timeout=TIMEOUT_S) as response:
                return response.read().decode()
        except HTTPError as error:
            raise Broken(f"{path} answers {error.code}: {error.read()[:300].decode()!r}") from error
        except (URLError, OSError) as error:
            raise Broken(f"{path} does not answer: {error}") from error

    def get_json(self, path: str, body: dict | None = None) -> dict:
        return json.loads(self.get(path, body))


def check_probes(site: Site) -> None:
    for path in ("/healthz", "/readyz"):
        if (told := site.get_json(path)).get("status") != "ok":
            raise Broken(f"{path} says {told}")


def check_pages(site: Site) -> None:
    if "Rotten Potatoes" not in site.get("/"):
        raise Broken("the home page is not ours")
    site.get("/movies/")
    site.get("/model/")


def check_static_files(site: Site) -> None:
    found = re.findall(r'href="(/static/[^"]+\.css)"', site.get("/"))
    if not found:
        raise Broken("the home page names no stylesheet")
    for path in found:
        site.get(path)


def check_reading(site: Site) -> None:
    told = site.get_json("/api/v1/predict/", {"texts": [LOVED, HATED]})
    labels = [each["label"] for each in told["predictions"]]
    if labels != ["positive", "negative"]:
        raise Broken(f"the model reads {LOVED!r} and {HATED!r} as {labels}")


def check_model(site: Site, checksum: str, kept: str = "") -> None:
    """The site serves the very bytes that were built, or those that the deploy kept instead."""
    served = site.get_json("/api/v1/model/")["checksum"]
    if served != (kept or checksum):
        wanted = f"the deploy kept {kept[:12]}" if kept else f"{checksum[:12]} was built"
        raise Broken(f"the site serves model {served[:12]}, and {wanted}")


def kept_instead(checksum: str, path: str) -> tuple[str, str]:
    """Checksum and reason of the champion that the deploy of this model left in its place."""
    if not path or not Path(path).exists():
        return "", ""
    told = json.loads(Path(path).read_text(encoding="utf-8"))
    if told["brought"] != checksum or told["champion"] == checksum:
        return "", ""
    return told["champion"], told["told"]


def wait_for_answer(site: Site, seconds: float) -> None:
    """Whatever is still wrong after that is told by the checks."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            site.get("/readyz")
            return
        except Broken:
            time.sleep(0.5)


def failures(site: Site, checks: list[Callable[[Site], None]]) -> list[str]:
    problems = []
    for check in checks:
        try:
            check(site)
        except Broken as error:
            problems.append(str(error))
        except (KeyError, TypeError, ValueError) as error:
            problems.append(f"an answer has another shape than ours: {error!r}")
    return problems


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--checksum", default="", help="of the model that must be served")
    parser.add_argument("--deployed", default="", metavar="FILE", help="what deploy.yml has told")
    parser.add_argument("--host", default="", help="the name to ask for, where url is an address")
    parser.add_argument("--wait", type=float, default=60, metavar="SECONDS")
    return parser.parse_args()


def main() -> None:
    wanted = read_arguments()
    site = Site(wanted.url, wanted.host)
    checks: list[Callable[[Site], None]] = [
        check_probes,
        check_pages,
        check_static_files,
        check_reading,
    ]
    kept, why = kept_instead(wanted.checksum, wanted.deployed)
    if wanted.checksum:
        checks.append(partial(check_model, checksum=wanted.checksum, kept=kept))
    wait_for_answer(site, wanted.wait)
    if problems := failures(site, checks):
        sys.exit("The site is not whole: " + "; ".join(problems))
    print(f"{wanted.url} is whole.")
    if kept:
        print(f"It does not serve the model that was built: {why}")


if __name__ == "__main__":
    main()
