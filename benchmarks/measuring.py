"""Time and memory, measured so that a busy moment hits every contender alike."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.reviews import ROOT


def alternate(contenders: Mapping[str, Callable[[], Any]], *, rounds: int) -> dict[str, float]:
    """The median time of each, in seconds: all take turns, after one turn to warm up."""
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for number in range(rounds + 1):
        for name, run in contenders.items():
            start = time.perf_counter()
            run()
            if number:
                times[name].append(time.perf_counter() - start)
    return {name: median(taken) for name, taken in times.items()}


def in_fresh_process(module: str, *arguments: str, env: Mapping[str, str] | None = None) -> Any:
    """What ``python -m module`` prints as its last line, which is JSON."""
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


def resident_mb(pid: int | str = "self") -> float:
    """Memory that a process holds now, in MB; nan where there is no /proc."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return float("nan")
    return int(status.split("VmRSS:")[1].split()[0]) * 1024 / 1e6


def children(pid: int) -> list[int]:
    """A process, its children and theirs."""
    found = [pid]
    for parent in found:
        for task in Path(f"/proc/{parent}/task").glob("*/children"):
            found += [int(child) for child in task.read_text().split()]
    return found


def peak_mb() -> float:
    """The most memory that this process ever held, in MB."""
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6
