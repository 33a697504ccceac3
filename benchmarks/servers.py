"""Start the servers to compare, each with one worker on its own port."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import requests

from benchmarks.measuring import resident_mb
from benchmarks.reviews import ROOT
from common.sqlite_files import sqlite_url
from tests.support import free_port

START_TIMEOUT_S = 90
OURS, FASTAPI, MLFLOW, EMPTY = (
    "Rotten Potatoes",
    "FastAPI + uvicorn, first design",
    "mlflow models serve, first design",
    "gunicorn with an empty application",
)
# Never reached, but the throttle still counts every request.
UNLIMITED = "1000000000/min"


@dataclass(frozen=True)
class Server:
    name: str
    path: str
    body: Callable[[str], dict]  # returns the request body for a text
    port: int
    process: subprocess.Popen

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}{self.path}"

    @property
    def worker_mb(self) -> float:
        """Memory of the worker: the largest process that the server started."""
        server = psutil.Process(self.process.pid)
        return max(map(resident_mb, [server, *server.children(recursive=True)]))


def _text(text: str) -> dict:
    return {"text": text}


def _inputs(text: str) -> dict:
    return {"inputs": [text]}


@contextmanager
def servers(model: Path, folder: Path) -> Iterator[list[Server]]:
    """Start all servers, wait until each has answered a request, and stop them at the end."""
    tool = Path(sys.executable).parent
    gunicorn = [str(tool / "gunicorn"), "--config", "gunicorn.conf.py", "--workers", "1"]
    site = {
        "VAR_DIR": str(folder),
        "DOTENV": os.devnull,
        "DEBUG": "false",
        "SECRET_KEY": "x" * 50,
        "DATABASE_URL": sqlite_url(Path(folder) / "site.sqlite3"),
        "PREDICT_RATE": UNLIMITED,
        "LOG_LEVEL": "WARNING",  # no line per request, like the other servers
    }
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=os.environ | site, check=True
    )
    uvicorn = [str(tool / "uvicorn"), "benchmarks.rival:app", "--no-access-log", "--port"]
    serve = [str(tool / "mlflow"), "models", "serve", "--env-manager", "local", "--model-uri"]
    empty = [*gunicorn, "benchmarks.empty_app:application"]
    with ExitStack() as stack:

        def start(name: str, path: str, body: Callable, command: list[str], **env: str) -> Server:
            return stack.enter_context(_running(name, path, body, command, folder, env))

        started = [
            start(OURS, "/api/v1/predict/", _text, gunicorn, **site),
            start(FASTAPI, "/predict", _text, uvicorn, RIVAL_MODEL=str(model)),
            # MLflow looks for uvicorn on the PATH.
            start(
                *(MLFLOW, "/invocations", _inputs, [*serve, str(model), "--port"]),
                PATH=f"{tool}{os.pathsep}{os.environ['PATH']}",
            ),
            start(EMPTY, "/", _text, empty, **site),
        ]
        for server in started:
            _wait_for(server, folder)
        yield started


@contextmanager
def _running(name, path, body, command: list[str], folder: Path, env: dict[str, str]):
    port = free_port()
    if command[-1] == "--port":
        command = [*command, str(port)]
    with (folder / f"{port}.log").open("w") as log:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, "BIND": f"127.0.0.1:{port}", "PYTHONPATH": str(ROOT), **env},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            yield Server(name, path, body, port, process)
        finally:
            # The whole process group: MLflow starts its server as a child process.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            process.wait(30)


def _wait_for(server: Server, folder: Path) -> None:
    end = time.monotonic() + START_TIMEOUT_S
    while True:
        try:
            body = server.body("A good movie.")
            requests.post(server.url, json=body, timeout=10).raise_for_status()
            return
        except requests.RequestException as error:
            if server.process.poll() is not None or time.monotonic() > end:
                log = (folder / f"{server.port}.log").read_text()[-1500:]
                raise RuntimeError(f"{server.name} does not answer: {error}\n{log}") from error
        time.sleep(0.3)
