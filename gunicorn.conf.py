"""How the site is served. ``BIND``, ``PORT`` and ``WEB_CONCURRENCY`` come from the environment."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

wsgi_app = "rottenpotatoes.wsgi:application"
bind = os.environ.get("BIND") or f"0.0.0.0:{os.environ.get('PORT') or 8000}"

# One process unless asked for more: the throttles of several only agree through CACHE_URL.
workers = int(os.environ.get("WEB_CONCURRENCY") or 1)
worker_class = "rottenpotatoes.worker.LingeringWorker"
logger_class = "observability.gunicorn_logger.ServerLog"
threads = 8
# Every worker opens its own connections and loads its own model, so that it can be replaced alone.
preload_app = False

keepalive = 75  # longer than the 60 s for which the usual proxies keep an idle connection
timeout = 60
graceful_timeout = 30
# A worker's heartbeat file on a slow disk looks like a hanging worker.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108
control_socket_disable = True  # it would write below the home folder, which a container has not

# Each worker counts in files of its own, and whichever is asked for /metrics adds all of them up.
# It has to be said before anything imports prometheus_client.
if not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
    folder = tempfile.mkdtemp(prefix="rottenpotatoes-metrics-", dir=worker_tmp_dir)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
    our_pid = os.getpid()
    atexit.register(lambda: os.getpid() == our_pid and shutil.rmtree(folder, ignore_errors=True))


def child_exit(server: Any, worker: Any) -> None:
    """What a worker that is gone served or held back is no longer served or held back."""
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)
