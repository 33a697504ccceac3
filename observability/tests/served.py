"""The site under gunicorn, as a process: for what only several workers can show."""

import os
import socket
import subprocess
import sys
from contextlib import contextmanager
from urllib.request import Request, urlopen

from django.conf import settings

TOKEN = "a-token-for-tests"


class Site:
    def __init__(self, process, port):
        self.process, self.port = process, port

    def get(self, path, **headers):
        request = Request(f"http://127.0.0.1:{self.port}{path}", headers=headers)
        with urlopen(request, timeout=30) as answer:
            return answer.read().decode()

    def post(self, path, body, **headers):
        request = Request(
            f"http://127.0.0.1:{self.port}{path}",
            data=body,
            headers={"Content-Type": "application/json"} | headers,
        )
        with urlopen(request, timeout=30) as answer:
            return answer.read().decode()

    def metrics(self):
        return self.get("/metrics", Authorization=f"Bearer {TOKEN}")


@contextmanager
def serve(folder, *, migrated=True, **variables):
    """With a database of its own, and three workers."""
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
        yield Site(process, port)
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
