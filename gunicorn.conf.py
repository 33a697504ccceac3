"""gunicorn's settings. ``BIND``, ``PORT`` and ``WEB_CONCURRENCY`` come from the environment."""

import atexit
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

wsgi_app = "rottenpotatoes.wsgi:application"
bind = os.environ.get("BIND") or f"0.0.0.0:{os.environ.get('PORT') or 8000}"

# One process by default: several need CACHE_URL to share the counts of rate limits.
workers = int(os.environ.get("WEB_CONCURRENCY") or 1)
worker_class = "gthread"
logger_class = "observability.gunicorn_logger.GunicornLogger"
threads = 8
# Each worker opens its own connections and loads its own model, so that it can be replaced alone.
preload_app = False

keepalive = 75  # longer than the 60 s after which proxies usually close an idle connection
timeout = 60
graceful_timeout = 30
# gunicorn kills a worker whose heartbeat file is on a slow disk.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108
control_socket_disable = True  # it needs a home folder, which the container does not have


def set_metrics_folder() -> None:
    """Name the folder in which each worker counts; before prometheus_client is imported."""
    name = "PROMETHEUS_MULTIPROC_DIR"
    try:
        if os.environ.get(name):
            Path(os.environ[name]).mkdir(parents=True, exist_ok=True)
        else:
            folder = tempfile.mkdtemp(prefix="rottenpotatoes-metrics-", dir=worker_tmp_dir)
            os.environ[name] = folder
            atexit.register(remove_folder, folder, os.getpid())
    except OSError as error:
        os.environ.pop(name, None)
        reason = type(error).__name__
        print(f"Cannot use {name} ({reason}): /metrics shows one worker only", file=sys.stderr)  # noqa: T201


def remove_folder(folder: str, main_pid: int) -> None:
    if os.getpid() == main_pid:  # a forked worker exits, too
        shutil.rmtree(folder, ignore_errors=True)


set_metrics_folder()


def child_exit(server: Any, worker: Any) -> None:
    """Remove the gauges of a dead worker."""
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)
