"""Measure the time that logging one event adds to a request, for each kind of destination."""

import tempfile

from benchmarks.measuring import in_fresh_process
from benchmarks.tables import Table

NO_LOGSTASH = "http://127.0.0.1:1"  # nothing listens there: all events stay in the queue


def measure(*, is_quick: bool = False) -> list[Table]:
    with tempfile.TemporaryDirectory() as folder:
        targets = {
            "console": {},
            "console and queue in memory": {"LOGSTASH_URL": NO_LOGSTASH},
            "console and queue on disk": {
                "LOGSTASH_URL": NO_LOGSTASH,
                "LOGSTASH_QUEUE_DIR": folder,
            },
        }
        rows = [[name, *_emit(env, 100 if is_quick else 20_000)] for name, env in targets.items()]
    return [Table("One event", ["", "µs, median", "µs, 99th percentile", "µs of CPU"], rows)]


def _emit(variables: dict[str, str], n_events: int) -> tuple[float, float, float]:
    with tempfile.TemporaryDirectory() as folder:
        env = {"SECRET_KEY": "only-for-a-benchmark", "DEBUG": "false", "DOTENV": "/dev/null"}
        env |= {"DJANGO_SETTINGS_MODULE": "rottenpotatoes.settings", **variables}
        env["PROMETHEUS_MULTIPROC_DIR"] = folder
        figures = in_fresh_process("benchmarks.one_process", "emit", str(n_events), env=env)
    return figures["median_us"], figures["p99_us"], figures["cpu_us"]
