"""Show the autoscaler going from one to five and back: replicas and latency under a wave of load.

python scripts/scaling_proof.py URL      on a cluster: replicas as kubectl tells them
python scripts/scaling_proof.py local    here: gunicorn's workers behind nginx, by the HPA's rule

Writes scaling.csv and scaling.svg to --output. USERS and MINUTES shape the wave.
"""

import argparse
import csv
import json
import math
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, Protocol

sys.path.insert(0, str(Path(__file__).resolve().parent))
import local_site

ROOT = Path(__file__).resolve().parent.parent
SAMPLE_S = 5
SETTLE_S = 600  # how long one waits for the last replica to go
MIN_REPLICAS, MAX_REPLICAS = 1, 5


class Cluster(Protocol):
    url: str

    def replicas(self) -> int: ...


class Sample(NamedTuple):
    at: float
    replicas: int


class Kubernetes:
    def __init__(self, url: str, namespace: str) -> None:
        self.url, self.namespace = url, namespace

    def replicas(self) -> int:
        command = ["kubectl", "-n", self.namespace, "get", "deployment", "web", "-o", "json"]
        told = subprocess.run(command, check=True, capture_output=True, text=True)
        return json.loads(told.stdout)["status"].get("readyReplicas", 0)


class LocalWorkers:
    """One gunicorn whose workers stand for pods, and the HPA's rule: ceil(n * used / target)."""

    DOWN_AFTER = 4  # quiet samples before a worker goes, as the HPA's stabilisation window

    def __init__(self, url: str, instance: local_site.Instance, target: float) -> None:
        self.url, self.instance, self.target = url, instance, target
        self.before: dict[int, float] = {}
        self.at, self.n_quiet = time.monotonic(), 0

    def replicas(self) -> int:
        workers = self.instance.workers()
        self.scale(len(workers), self.cpu_share(workers))
        return len(workers)

    def cpu_share(self, workers: list[int]) -> float:
        """Of one core, the mean of the workers that were there the last time."""
        used = {pid: cpu_seconds(pid) for pid in workers}
        elapsed, self.at = time.monotonic() - self.at, time.monotonic()
        shares = [(used[pid] - self.before[pid]) / elapsed for pid in used if pid in self.before]
        self.before = used
        return sum(shares) / len(shares) if shares else self.target

    def scale(self, n: int, share: float) -> None:
        wanted = max(MIN_REPLICAS, min(MAX_REPLICAS, math.ceil(n * share / self.target)))
        self.n_quiet = self.n_quiet + 1 if wanted < n else 0
        if wanted > n:
            self.tell(signal.SIGTTIN, min(2, wanted - n))
        elif self.n_quiet >= self.DOWN_AFTER:
            self.tell(signal.SIGTTOU, 1)
            self.n_quiet = self.DOWN_AFTER - 1

    def tell(self, signal_number: int, times: int) -> None:
        for _ in range(times):
            os.kill(self.instance.process.pid, signal_number)
            time.sleep(0.2)  # the same signal twice at once is one


def cpu_seconds(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def wave(url: str, folder: Path) -> Iterator[subprocess.Popen]:
    files = "tests/load/locustfile.py,tests/load/wave.py"
    command = [
        *(str(ROOT / ".venv-deploy" / "bin" / "locust"), "--headless", "--only-summary"),
        *("-f", files, "--host", url, "--csv", str(folder / "load"), "--csv-full-history"),
    ]
    process = subprocess.Popen(command, cwd=ROOT)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(60)


def watch(cluster: Cluster, folder: Path) -> list[Sample]:
    """From before the wave until the last replica that it brought has gone."""
    samples = []
    with wave(cluster.url, folder) as load:
        while load.poll() is None:
            samples.append(Sample(time.time(), cluster.replicas()))
            time.sleep(SAMPLE_S)
    end = time.monotonic() + SETTLE_S
    while samples[-1].replicas > MIN_REPLICAS and time.monotonic() < end:
        samples.append(Sample(time.time(), cluster.replicas()))
        time.sleep(SAMPLE_S)
    return samples


class Latency(NamedTuple):
    at: float
    n_per_s: float
    p50_ms: float
    p95_ms: float


def latencies(folder: Path) -> list[Latency]:
    with (folder / "load_stats_history.csv").open(newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["Name"] == "Aggregated"]
    return [
        Latency(*(float(row[name]) for name in ("Timestamp", "Requests/s", "50%", "95%")))
        for row in rows
        if row["95%"] != "N/A"
    ]


def n_failures(folder: Path) -> tuple[int, int]:
    with (folder / "load_stats.csv").open(newline="") as stream:
        total = next(row for row in csv.DictReader(stream) if row["Name"] == "Aggregated")
    return int(total["Failure Count"]), int(total["Request Count"])


def write_csv(samples: list[Sample], path: Path) -> None:
    with path.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["seconds", "replicas"])
        writer.writerows((round(each.at - samples[0].at), each.replicas) for each in samples)


def draw(samples: list[Sample], history: list[Latency], path: Path) -> None:
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "scaling"
    import matplotlib.pyplot as plt

    start = samples[0].at
    figure, (top, bottom) = plt.subplots(2, sharex=True, figsize=(8, 5), layout="constrained")
    top.step(
        [each.at - start for each in samples], [each.replicas for each in samples], where="post"
    )
    top.set(ylabel="replicas", ylim=(0, MAX_REPLICAS + 1))
    seconds = [each.at - start for each in history]
    bottom.plot(seconds, [each.p50_ms for each in history], label="median")
    bottom.plot(seconds, [each.p95_ms for each in history], label="95 %", linestyle="--")
    bottom.set(ylabel="latency, ms", xlabel="seconds")
    bottom.legend()
    figure.savefig(path, metadata={"Date": None})


def report(samples: list[Sample], folder: Path) -> str:
    steps = [samples[0].replicas]
    for sample in samples:
        if sample.replicas != steps[-1]:
            steps.append(sample.replicas)
    failed, asked = n_failures(folder)
    return f"replicas {' -> '.join(map(str, steps))}; {failed} of {asked} requests failed"


@contextmanager
def cluster_of(arguments: argparse.Namespace, folder: Path) -> Iterator[Cluster]:
    if arguments.url != "local":
        yield Kubernetes(arguments.url.rstrip("/"), arguments.namespace)
        return
    with local_site.site(folder, WEB_CONCURRENCY="1") as (proxy, [instance]):
        yield LocalWorkers(proxy.url, instance, arguments.target)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--namespace", default="rotten-potatoes")
    parser.add_argument("--output", type=Path, default=ROOT / "var" / "load")
    parser.add_argument("--target", type=float, default=0.05, help="of a core, where it is local")
    wanted = parser.parse_args()
    wanted.output.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as temporary,
        cluster_of(wanted, Path(temporary)) as cluster,
    ):
        measured = watch(cluster, wanted.output)
    write_csv(measured, wanted.output / "scaling.csv")
    draw(measured, latencies(wanted.output), wanted.output / "scaling.svg")
    print(report(measured, wanted.output))
