"""Run the whole life of a model on a generated corpus, and write a report about it."""

import argparse
import shlex
import signal
import sys
from pathlib import Path

from django.conf import settings

from scripts.dev.loop_demo import pictures, report, workspace
from scripts.dev.loop_demo.runner import Runner
from scripts.dev.loop_demo.step import Result
from scripts.dev.loop_demo.story import STORY
from tests.support import free_port


def run(out: Path) -> list[Result]:
    """Run the story in a folder, write the report, and return the results."""
    site = workspace.prepare(out)
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    runner = Runner(site, workspace.environment(site), {"port": str(port), "url": url})

    def after_each(result: Result) -> None:
        if not result.problem:
            result.pictures = pictures.collect(result.step, site=site, url=url, out=out)
        outcome = result.problem or "as expected"
        print(f"{result.seconds:6.1f} s  {result.step.title}: {outcome}", flush=True)

    try:
        results = runner.run_all(STORY, after_each)
    finally:
        runner.stop_servers()
    report.write(out, STORY, results)
    return results


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the servers are stopped
    settings.configure(USE_I18N=False)  # for the report's templates
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path, help="a folder, which is emptied first")
    out = parser.parse_args().out.resolve()
    try:
        results = run(out)
    except workspace.WorkspaceError as error:
        sys.exit(str(error))
    print(f"\nReport: {shlex.quote(str(out / 'report.html'))}")
    if results[-1].problem:
        last = results[-1]
        sys.exit(f"{last.output}\nThe step “{last.step.title}” failed: {last.problem}")


if __name__ == "__main__":
    main()
