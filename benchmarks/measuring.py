"""Measure time and memory. Contenders alternate, so that other load slows all of them alike."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from statistics import median
from typing import Any

import psutil

from benchmarks.reviews import ROOT


def alternate(contenders: Mapping[str, Callable[[], Any]], *, rounds: int) -> dict[str, float]:
    """Return the median time of each contender in seconds.

    The contenders alternate; the first round is for warming up and not counted.
    """
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for number in range(rounds + 1):
        for name, run in contenders.items():
            start = time.perf_counter()
            run()
            if number:
                times[name].append(time.perf_counter() - start)
    return {name: median(seconds) for name, seconds in times.items()}


def in_fresh_process(module: str, *arguments: str, env: Mapping[str, str] | None = None) -> Any:
    """Run ``python -m module`` and return the last line it prints, parsed as JSON."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        env={**os.environ, **(env or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{module} failed:\n{done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def resident_mb(process: psutil.Process | None = None) -> float:
    """Return the resident memory of a process, by default of this one, in MB."""
    return (process or psutil.Process()).memory_info().rss / 1e6


def peak_mb() -> float:
    """Return the peak resident memory of this process in MB."""
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6
