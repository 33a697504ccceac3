"""Helpers for tests that start programs: free ports, waiting, running servers."""

import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import requests


def run(*command: str | Path, check: bool = True, **options) -> subprocess.CompletedProcess:
    done = subprocess.run([str(c) for c in command], text=True, capture_output=True, **options)
    assert not check or done.returncode == 0, done.stdout + done.stderr
    return done


def add_program(path: Path, script: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def free_port(host: str = "127.0.0.1") -> int:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.bind((host, 0))
        return probe.getsockname()[1]


@contextmanager
def tcp_blackhole() -> Iterator[int]:
    """Yield a port that accepts connections and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        yield listener.getsockname()[1]


def wait_until(condition: Callable[[], object], timeout_s: float = 60) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, f"timed out after {timeout_s:g} s"
        time.sleep(0.1)


def wait_for_url(url: str, timeout_s: float = 60) -> None:
    """Wait for an answer with status 200."""

    def answers() -> bool:
        try:
            return requests.get(url, timeout=5).status_code == 200
        except requests.RequestException:
            return False

    wait_until(answers, timeout_s)


@contextmanager
def running(*command: str | Path, **options) -> Iterator[subprocess.Popen]:
    """Run a server until the block ends."""
    process = subprocess.Popen([str(c) for c in command], **options)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(60)
