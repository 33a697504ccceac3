"""Programs, ports and patience, for tests that run what ships."""

import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


def run(*command: str | Path, check: bool = True, **options) -> subprocess.CompletedProcess:
    done = subprocess.run([str(c) for c in command], text=True, capture_output=True, **options)
    assert not check or done.returncode == 0, done.stdout + done.stderr
    return done


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(is_so: Callable[[], object], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.1)


@contextmanager
def running(*command: str | Path) -> Iterator[subprocess.Popen]:
    """A server, for as long as it is needed."""
    process = subprocess.Popen(
        [str(c) for c in command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(20)
