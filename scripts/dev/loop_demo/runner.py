"""Run the steps one after the other, and stop at the first unexpected result."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import requests

from scripts.dev.loop_demo.step import Chapter, Result, Step
from tests.support import wait_until

RETRY_EVERY_S = 0.5
START_S = 60


class Runner:
    """Runs the steps in one folder and remembers what they print."""

    def __init__(self, site: Path, environment: Mapping[str, str], values: Mapping[str, str]):
        self.site = site
        self.environment = dict(environment)
        self.values = dict(values)
        self.servers: list[subprocess.Popen] = []

    def run_all(
        self, chapters: Sequence[Chapter], after_each: Callable[[Result], None]
    ) -> list[Result]:
        """Return the results up to the first that has a problem, or all of them."""
        results = []
        for step in (step for chapter in chapters for step in chapter.steps):
            result = self.run(step)
            results.append(result)
            after_each(result)
            if result.problem:
                break
        return results

    def run(self, step: Step) -> Result:
        started = time.monotonic()
        result = Result(step, self._filled(step.command))
        if step.is_server:
            self._start_server(result)
        else:
            self._run_until_expected(result, started + step.within_s)
        result.seconds = round(time.monotonic() - started, 1)
        if step.keep_as:
            self.values[step.keep_as] = result.output.strip()
        return result

    def stop_servers(self) -> None:
        for server in self.servers:
            with suppress(ProcessLookupError):
                os.killpg(server.pid, signal.SIGTERM)
            server.wait(60)

    def _filled(self, command: str) -> str:
        for name, value in self.values.items():
            command = command.replace(f"{{{name}}}", value)
        return command

    def _run_until_expected(self, result: Result, deadline: float) -> None:
        while True:
            done = subprocess.run(
                ["bash", "-c", result.command],
                cwd=self.site,
                env=self.environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            result.output, result.exit_code = done.stdout, done.returncode
            result.problem = self._find_problem(result)
            if not result.problem or time.monotonic() > deadline:
                return
            time.sleep(RETRY_EVERY_S)

    def _find_problem(self, result: Result) -> str:
        step = result.step
        if result.exit_code != step.exit_code:
            return f"exit code {result.exit_code} instead of {step.exit_code}"
        if step.same_as and result.output.strip() != self.values[step.same_as]:
            return f"{result.output.strip()!r} instead of {self.values[step.same_as]!r}"
        if step.expected:
            return _compare_fields(result.output, step.expected)
        return ""

    def _start_server(self, result: Result) -> None:
        log = self.site / "var" / "server.log"
        with log.open("wb") as stream:
            server = subprocess.Popen(
                ["bash", "-c", result.command],
                cwd=self.site,
                env=self.environment,
                stdout=stream,
                stderr=stream,
                start_new_session=True,  # bash and the server are stopped together
            )
        self.servers.append(server)
        address = self.values["url"]
        with suppress(AssertionError):  # the wait's own limit
            wait_until(lambda: server.poll() is not None or _answers(address), START_S)
        if _answers(address):
            result.output = f"The site answers on {address}"
            return
        result.problem = "the site does not answer"
        result.exit_code = server.poll()
        result.output = log.read_text(encoding="utf-8", errors="replace")


def _answers(address: str) -> bool:
    try:
        return requests.get(f"{address}/readyz", timeout=5).ok
    except requests.RequestException:
        return False


def _compare_fields(output: str, expected: Mapping[str, Any]) -> str:
    try:
        fields = json.loads(output)
    except ValueError:
        return "the output is not JSON"
    different = [
        f"{name} is {fields.get(name)!r} instead of {value!r}"
        for name, value in expected.items()
        if fields.get(name) != value
    ]
    return "; ".join(different)
