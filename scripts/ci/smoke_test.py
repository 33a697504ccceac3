"""Check that a deployed site works: smoke_test.py URL [--checksum SHA] [--deployed FILE]

It needs only Python, because it runs where the site is not installed.
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
POSITIVE_TEXT = "A wonderful movie, I loved every minute of it."
NEGATIVE_TEXT = "Dull, stupid, a waste of time."


class CheckFailed(Exception):
    """A check found a problem; the message is one sentence for the operator."""


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
            raise CheckFailed(
                f"{path} answers {error.code}: {error.read()[:300].decode()!r}"
            ) from error
        except (URLError, OSError) as error:
            raise CheckFailed(f"{path} does not answer: {error}") from error

    def get_json(self, path: str, body: dict | None = None) -> dict:
        return json.loads(self.get(path, body))


def check_probes(site: Site) -> None:
    for path in ("/healthz", "/readyz"):
        if (answer := site.get_json(path)).get("status") != "ok":
            raise CheckFailed(f"{path} answers {answer}")


def check_pages(site: Site) -> None:
    if "Rotten Potatoes" not in site.get("/"):
        raise CheckFailed("the home page is not that of Rotten Potatoes")
    site.get("/movies/")
    site.get("/model/")


def check_static_files(site: Site) -> None:
    stylesheets = re.findall(r'href="(/static/[^"]+\.css)"', site.get("/"))
    if not stylesheets:
        raise CheckFailed("the home page names no stylesheet")
    for path in stylesheets:
        site.get(path)


def check_predictions(site: Site) -> None:
    texts = [POSITIVE_TEXT, NEGATIVE_TEXT]
    predictions = site.get_json("/api/v1/predict/", {"texts": texts})["predictions"]
    labels = [prediction["label"] for prediction in predictions]
    if labels != ["positive", "negative"]:
        raise CheckFailed(f"the model labels {texts} as {labels}")


def check_model(site: Site, checksum: str, kept: str = "") -> None:
    """Require the model that was built, or the one that the deploy kept instead."""
    served = site.get_json("/api/v1/model/")["checksum"]
    if served != (kept or checksum):
        expected = f"the deploy kept {kept[:12]}" if kept else f"{checksum[:12]} was built"
        raise CheckFailed(f"the site serves model {served[:12]}, but {expected}")


def champion_kept(checksum: str, result_file: str) -> tuple[str, str]:
    """Return checksum and reason if the deploy of this model kept another champion.

    Without a result file, as on a laptop, nothing was deployed that could have been kept.
    """
    if not result_file or not Path(result_file).exists():
        return "", ""
    try:
        result = json.loads(Path(result_file).read_text(encoding="utf-8"))
        shipped, champion, message = (result[key] for key in ("shipped", "champion", "message"))
    except (ValueError, TypeError, KeyError) as error:
        sys.exit(f"{result_file} is not the result of a deploy: {error!r}")
    return ("", "") if shipped != checksum or champion == checksum else (champion, message)


def wait_until_ready(site: Site, seconds: float) -> None:
    """Return as soon as the site is ready; the checks report what is wrong after that."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            site.get("/readyz")
            return
        except CheckFailed:
            time.sleep(0.5)


def failures(site: Site, checks: list[Callable[[Site], None]]) -> list[str]:
    problems = []
    for check in checks:
        try:
            check(site)
        except CheckFailed as error:
            problems.append(str(error))
        except (KeyError, TypeError, ValueError) as error:
            problems.append(f"an answer has an unexpected shape: {error!r}")
    return problems


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--checksum", default="", help="of the model that must serve")
    parser.add_argument(
        "--deployed", default="", metavar="FILE", help="the result that deploy.yml wrote"
    )
    parser.add_argument(
        "--host", default="", help="host name to request if the URL is an IP address"
    )
    parser.add_argument("--wait", type=float, default=60, metavar="SECONDS")
    return parser.parse_args()


def main() -> None:
    arguments = read_arguments()
    site = Site(arguments.url, arguments.host)
    checks: list[Callable[[Site], None]] = [
        check_probes,
        check_pages,
        check_static_files,
        check_predictions,
    ]
    kept, reason = champion_kept(arguments.checksum, arguments.deployed)
    if arguments.checksum:
        checks.append(partial(check_model, checksum=arguments.checksum, kept=kept))
    wait_until_ready(site, arguments.wait)
    if problems := failures(site, checks):
        sys.exit("The site has problems: " + "; ".join(problems))
    print(f"{arguments.url} works.")
    if kept:
        print(f"It does not serve the model that was built: {reason}")


if __name__ == "__main__":
    main()
