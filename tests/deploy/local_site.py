"""Run the site as on a server: gunicorn instances behind nginx, on loopback."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support import free_port, run, wait_for_url, wait_until

ROOT = Path(__file__).resolve().parents[2]
BIN = ROOT / ".venv" / "bin"
START_S = 120
NGINX_CONF = """
pid nginx.pid;
error_log error.log;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path body; proxy_temp_path proxy;
    fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
    upstream site {{ {servers} }}
    server {{
        listen 127.0.0.1:{port};
        client_max_body_size 5m;
        location / {{
            proxy_pass http://site;
            proxy_set_header Host $http_host;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        }}
    }}
}}
"""


class Instance:
    """One gunicorn, as in a pod."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.port = free_port()
        self.environment = environment | {"BIND": f"127.0.0.1:{self.port}"}

    def start(self) -> None:
        self.process = subprocess.Popen(
            [BIN / "gunicorn", "--log-level", "warning"], cwd=ROOT, env=self.environment
        )
        wait_for_url(f"http://127.0.0.1:{self.port}/readyz", START_S)

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(START_S)


class Proxy:
    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen | None = None
        folder.mkdir()

    def send_to(self, instances: list[Instance]) -> None:
        """Send new requests to these instances; those in flight finish where they are."""
        servers = " ".join(f"server 127.0.0.1:{each.port};" for each in instances)
        conf = NGINX_CONF.format(servers=servers, port=self.port)
        (self.folder / "nginx.conf").write_text(conf)
        if self.process is None:
            self.process = subprocess.Popen([*self.command(), "-g", "daemon off;"])
            wait_for_url(f"{self.url}/healthz", START_S)
        else:
            self.reload(self.process.pid)

    def command(self) -> list[str]:
        nginx = shutil.which("nginx") or "/usr/sbin/nginx"
        return [nginx, "-p", str(self.folder), "-c", "nginx.conf", "-e", "error.log"]

    def reload(self, master: int) -> None:
        """Return when new workers have taken over, not when the signal is sent."""
        before = children_of(master)
        os.kill(master, signal.SIGHUP)
        wait_until(lambda: children_of(master) - before, START_S)

    def stop(self) -> None:
        if self.process:
            self.process.terminate()
            self.process.wait(START_S)


def children_of(pid: int) -> set[str]:
    return set(Path(f"/proc/{pid}/task/{pid}/children").read_text().split())


def prepare(folder: Path) -> dict[str, str]:
    """Seed a database below the folder; return the environment to serve it with."""
    environment = os.environ | {
        "DOTENV": os.devnull,
        "DEBUG": "false",
        "LOG_LEVEL": "WARNING",
        "SECRET_KEY": "only-on-loopback",
        "VAR_DIR": str(folder / "var"),
        "DATABASE_URL": f"sqlite:///{folder}/var/site.sqlite3",
        "NUM_PROXIES": "1",
        # All visitors come from one address.
        "PREDICT_RATE": "1000000/min",
        "REVIEW_RATE": "1000000/min",
    }
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    run(BIN / "python", "-m", "scripts.dev.prepare", cwd=ROOT, env=environment)
    return environment


@contextmanager
def site(folder: Path, n_instances: int = 1, **settings: str) -> Iterator[tuple[Proxy, list]]:
    environment = prepare(folder) | settings
    instances: list[Instance] = []
    proxy = Proxy(folder / "nginx")
    try:
        for _ in range(n_instances):
            instances.append(Instance(environment))
            instances[-1].start()
        proxy.send_to(instances)
        yield proxy, instances
    finally:
        proxy.stop()
        for instance in instances:
            instance.stop()
