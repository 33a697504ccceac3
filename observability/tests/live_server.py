"""The site under gunicorn, in a process: for tests that need several workers."""

import os
import socket
import subprocess
import sys
from contextlib import contextmanager

import requests
from django.conf import settings

from tests.support import run

TOKEN = "a-token-for-tests"


class Site:
    def __init__(self, process, port, folder):
        self.process, self.port, self.folder = process, port, folder

    def get(self, path, **headers):
        return self._send("GET", path, headers=headers)

    def post(self, path, body, **headers):
        return self._send("POST", path, json=body, headers=headers)

    def metrics(self):
        return self.get("/metrics", Authorization=f"Bearer {TOKEN}")

    def console(self):
        return (self.folder / "console.log").read_text()

    def _send(self, method, path, **options):
        url = f"http://127.0.0.1:{self.port}{path}"
        response = requests.request(method, url, timeout=60, **options)
        response.raise_for_status()
        return response.text


@contextmanager
def serve(folder, *, migrated=True, **variables):
    """Serve with a database of its own and three workers."""
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "rottenpotatoes.settings",
        "PYTHONPATH": str(settings.BASE_DIR),
        "SECRET_KEY": "only-for-tests",
        "DEBUG": "false",
        "DOTENV": os.devnull,
        "VAR_DIR": str(folder),
        "DATABASE_URL": f"sqlite:///{folder}/site.sqlite3",
        "METRICS_TOKEN": TOKEN,
        "WEB_CONCURRENCY": "3",
        **variables,
    }
    if migrated:
        run(sys.executable, "manage.py", "migrate", cwd=settings.BASE_DIR, env=environment)
    with gunicorn(folder, env=environment) as (process, port):
        yield Site(process, port, folder)


@contextmanager
def gunicorn(folder, *arguments, env):
    """Run gunicorn with its output in two files; yield the process and its port."""
    with (
        socket.create_server(("127.0.0.1", 0), backlog=64) as listener,
        (folder / "out.log").open("w") as out,
        (folder / "console.log").open("w") as console,
    ):
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "--bind", f"fd://{listener.fileno()}", *arguments],
            cwd=settings.BASE_DIR,
            env=env,
            pass_fds=[listener.fileno()],
            stdout=out,
            stderr=console,
        )
        port = listener.getsockname()[1]
    try:
        yield process, port
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
