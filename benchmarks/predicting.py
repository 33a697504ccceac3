"""Requests per second for one prediction, beside what else one could serve it with."""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from benchmarks.reviews import DEMO, N_WORDS, reviews
from benchmarks.servers import OURS, Server, servers
from benchmarks.tables import Table

SCRIPT = Path(__file__).with_name("predict.lua")
CONNECTIONS = (1, 8)  # alone, and as many as the worker has threads
FIGURES = ("requests_per_s", "p50_ms", "p99_ms")


def measure(*, is_quick: bool = False, rounds: int = 5, duration_s: int = 3) -> list[Table]:
    if not shutil.which("wrk"):
        print("\nHTTP: skipped, wrk is not installed (apt install wrk).")
        return []
    if is_quick:
        rounds = duration_s = 1
    from benchmarks.rival import save_model  # imports MLflow

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        save_model(folder / "model", DEMO)
        with servers(folder / "model", folder) as started:
            for server in started:
                _load(server, folder, 8, 2)  # to warm up
            return [_table(started, folder, n, rounds, duration_s) for n in CONNECTIONS]


def _table(
    started: Sequence[Server], folder: Path, connections: int, rounds: int, duration_s: int
) -> Table:
    runs: dict[str, list[dict]] = {server.name: [] for server in started}
    for _ in range(rounds):
        for server in started:
            runs[server.name].append(_load(server, folder, connections, duration_s))
    found = {
        name: {figure: median(run[figure] for run in taken) for figure in FIGURES}
        for name, taken in runs.items()
    }
    ours = found[OURS]["requests_per_s"]
    return Table(
        f"POST predict/ with a review of {N_WORDS} words: one worker, {connections} connection(s)",
        ["", "requests/s", "p50 ms", "p99 ms", "ours to this", "resident MB"],
        [
            [name, *row.values(), f"{ours / row['requests_per_s']:.2f}", server.worker_mb]
            for server, (name, row) in zip(started, found.items(), strict=True)
        ],
        f"wrk, {rounds} runs of {duration_s} s in turn, medians; loopback.",
    )


def _load(server: Server, folder: Path, connections: int, duration_s: int) -> dict[str, float]:
    bodies = folder / f"{server.port}.bodies"
    if not bodies.exists():
        lines = (json.dumps(server.body(text)) for text in reviews(100))
        bodies.write_text("\n".join(lines) + "\n")
    done = subprocess.run(
        ["wrk", "-t1", f"-c{connections}", f"-d{duration_s}s", "-s", str(SCRIPT), server.url],
        env=os.environ | {"BODIES": str(bodies)},
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(done.stdout.splitlines()[-1])
    if found["failed"]:
        raise RuntimeError(f"{server.name} failed {found['failed']} requests")
    return found
