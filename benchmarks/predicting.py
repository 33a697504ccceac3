"""Compare the requests per second of ``predict/`` with those of other servers."""

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
CONNECTIONS = (1, 8)  # one client; as many as the worker has threads
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
                _run_wrk(server, folder, 8, 2)  # to warm up
            return [_table(started, folder, n, rounds, duration_s) for n in CONNECTIONS]


def _table(
    started: Sequence[Server], folder: Path, connections: int, rounds: int, duration_s: int
) -> Table:
    runs: dict[str, list[dict]] = {server.name: [] for server in started}
    for _ in range(rounds):
        for server in started:
            runs[server.name].append(_run_wrk(server, folder, connections, duration_s))
    medians = {
        name: {figure: median(result[figure] for result in results) for figure in FIGURES}
        for name, results in runs.items()
    }
    ours = medians[OURS]["requests_per_s"]
    return Table(
        f"POST predict/ with a review of {N_WORDS} words: one worker, {connections} connection(s)",
        ["", "requests/s", "p50 ms", "p99 ms", "ours / this", "resident MB"],
        [
            [name, *row.values(), f"{ours / row['requests_per_s']:.2f}", server.worker_mb]
            for server, (name, row) in zip(started, medians.items(), strict=True)
        ],
        f"wrk over loopback: medians of {rounds} alternating runs of {duration_s} s.",
    )


def _run_wrk(server: Server, folder: Path, connections: int, duration_s: int) -> dict[str, float]:
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
    result = json.loads(done.stdout.splitlines()[-1])
    if result["failed"]:
        raise RuntimeError(f"{server.name} failed {result['failed']} requests")
    return result
