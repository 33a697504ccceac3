"""The site under gunicorn, in a process: for tests that need several workers."""

import os
import socket
import subprocess
import sys
from contextlib import contextmanager
from urllib.request import Request, urlopen

from django.conf import settings

TOKEN = "a-token-for-tests"


class Site:
    def __init__(self, process, port, folder):
        self.process, self.port, self.folder = process, port, folder

    def get(self, path, timeout=30, **headers):
        return self._send(Request(self._url(path), headers=headers), timeout)

    def post(self, path, body, **headers):
        headers = {"Content-Type": "application/json"} | headers
        return self._send(Request(self._url(path), data=body, headers=headers))

    def metrics(self, timeout=30):
        return self.get("/metrics", timeout, Authorization=f"Bearer {TOKEN}")

    def console(self):
        return (self.folder / "console.log").read_text()

    def _url(self, path):
        return f"http://127.0.0.1:{self.port}{path}"

    def _send(self, request, timeout=30):
        with urlopen(request, timeout=timeout) as response:
            return response.read().decode()


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
        migrate = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
        subprocess.run(migrate, cwd=settings.BASE_DIR, env=environment, check=True)
    with (
        socket.create_server(("127.0.0.1", 0), backlog=64) as listener,
        (folder / "console.log").open("w") as console,
    ):
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "--bind", f"fd://{listener.fileno()}"],
            cwd=settings.BASE_DIR,
            env=environment,
            pass_fds=[listener.fileno()],
            stderr=console,
        )
        port = listener.getsockname()[1]
    try:
        yield Site(process, port, folder)
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
