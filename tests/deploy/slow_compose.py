"""`docker compose up` on a real Docker engine: site, PostgreSQL, MLflow and Prometheus.

Third-party images are built from Debian's packages, because CI cannot pull them.
"""

import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
import requests
import yaml
from django.conf import settings

from tests.support import free_port, run, wait_until

ROOT = settings.BASE_DIR
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
DEBIAN_IMAGES = {"postgres": "db", "redis": "cache", "prometheus": "prometheus"}
BUILT = ("web", "migrate", "mlflow", "train")
FROM_REMOTE = ["-e", "DVC_REMOTE_URL=/dvc-remote", "--entrypoint", "scripts/ops/train-from-remote"]


class Project:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ports = {name: free_port() for name in ("PORT", "MLFLOW_PORT", "PROMETHEUS_PORT")}
        self.environment = os.environ | {k: str(v) for k, v in self.ports.items()}
        self.environment |= {"COMPOSE_PROJECT_NAME": "potatoes", "BUILD": "build-1"}
        # Without the firewall, builds reach registries only through the host's network.
        networks = {"services": {name: {"build": {"network": "host"}} for name in BUILT}}
        (folder / "docker-compose.override.yml").write_text(yaml.safe_dump(networks))
        self.remote = folder / "var" / "remote"
        self.data_hash = self.push_demo_data()

    def push_demo_data(self) -> str:
        """Write what `dvc add` and `dvc push` would: the pointer, and the file under its hash."""
        data = (self.folder / "data" / "demo_reviews.csv").read_bytes()
        name = hashlib.md5(data).hexdigest()
        kept = self.remote / "files" / "md5" / name[:2] / name[2:]
        kept.parent.mkdir(parents=True)
        kept.write_bytes(data)
        out = {"md5": name, "size": len(data), "hash": "md5", "path": "train.csv"}
        (self.folder / "data" / "train.csv.dvc").write_text(yaml.safe_dump({"outs": [out]}))
        (self.folder / "data" / "train.json").unlink()
        return name

    def manage(self, *arguments: str) -> str:
        return self.compose("exec", "-T", "web", "python", "manage.py", *arguments)

    def compose(self, *arguments: str, check: bool = True) -> str:
        command = ["docker-compose", *arguments]
        return run(*command, cwd=self.folder, env=self.environment, check=check).stdout

    def ask(self, port: str, path: str) -> tuple[int, str]:
        try:
            answer = requests.get(f"http://127.0.0.1:{self.ports[port]}{path}", timeout=10)
        except requests.RequestException:
            return 0, ""
        return answer.status_code, answer.text

    def is_ready(self) -> bool:
        return self.ask("PORT", "/readyz")[0] == 200

    def inspect(self, service: str, what: str) -> str:
        return run("docker", "inspect", "--format", what, f"potatoes_{service}_1").stdout.strip()


def build_debian_image(name: str) -> None:
    image = COMPOSE["services"][DEBIAN_IMAGES[name]]["image"]
    folder = Path(__file__).parent / "debian_images" / name
    run("docker", "build", "--network=host", "--tag", image, folder)


@pytest.fixture(scope="module")
def up(engine, committed, tmp_path_factory) -> Iterator[Project]:
    for name in DEBIAN_IMAGES:
        build_debian_image(name)
    folder = shutil.copytree(committed, tmp_path_factory.mktemp("compose") / "tree")
    run("scripts/ops/make-secrets", "var/secrets", cwd=folder)
    project = Project(folder)
    project.compose("build", *BUILT)
    project.compose("up", "--detach")
    wait_until(project.is_ready)
    yield project
    project.compose("--profile", "monitoring", "down", "--volumes", "--timeout", "20", check=False)


def test_up_starts_a_working_site(up):
    output = run(
        "python3", ROOT / "scripts" / "ci" / "smoke_test.py", f"http://127.0.0.1:{up.ports['PORT']}"
    )
    assert " works." in output.stdout


def test_docker_inspect_shows_no_secrets(up):
    output = up.inspect("web", "{{json .Config}}")
    for name in COMPOSE["secrets"]:
        assert (up.folder / "var" / "secrets" / name).read_text() not in output


def test_a_training_creates_an_mlflow_run_and_a_release(up):
    # The gate rejects so few reviews with exit code 2; the run and the release are kept.
    output = up.compose("run", "--rm", "train", check=False)
    assert "model 1 (nb-logistic)" in output
    assert "floor" in output
    assert "rejected" in up.manage("models")
    runs = up.ask("MLFLOW_PORT", "/api/2.0/mlflow/experiments/search?max_results=10")[1]
    assert "sentiment" in runs


def test_the_training_image_fetches_the_data_of_its_commit(up):
    remote = f"{up.remote}:/dvc-remote:ro"
    output = up.compose("run", "--rm", "-v", remote, *FROM_REMOTE, "train", "--no-gate")
    assert "model 2 (nb-logistic)" in output
    assert up.data_hash[:7] in up.manage("models")


def test_a_training_without_its_data_fails_with_the_reason(up):
    empty = f"{up.folder / 'docs'}:/dvc-remote:ro"
    command = ["docker-compose", "run", "--rm", "-v", empty, *FROM_REMOTE, "train", "--no-gate"]
    done = run(*command, cwd=up.folder, env=up.environment, check=False)
    assert done.returncode != 0
    assert re.search(r"data that \S+train.csv.dvc names was never pushed", done.stderr)
    assert "Traceback" not in done.stderr


def test_prometheus_scrapes_the_site_and_loads_the_rules(up):
    up.compose("--profile", "monitoring", "up", "--detach", "prometheus")

    def query(expression: str) -> list[dict]:
        status, body = up.ask("PROMETHEUS_PORT", f"/api/v1/query?query={quote(expression)}")
        return json.loads(body)["data"]["result"] if status == 200 else []

    wait_until(lambda: query('up{job="rottenpotatoes"} == 1'))
    wait_until(lambda: query('rottenpotatoes_requests_total{path="readyz"}'))
    groups = json.loads(up.ask("PROMETHEUS_PORT", "/api/v1/rules")[1])["data"]["groups"]
    assert {rule["health"] for group in groups for rule in group["rules"]} <= {"ok", "unknown"}
    assert len(groups[0]["rules"]) > 5


def test_data_is_kept_when_the_project_is_taken_down(up):
    movie = "title='Written before everything went down', year=1999, slug='kept'"
    code = f"from movies.models import Movie; Movie.objects.create({movie})"
    up.manage("shell", "-c", code)
    up.compose("down", "--timeout", "20")
    up.compose("up", "--detach")
    wait_until(up.is_ready)
    assert "Written before everything went down" in up.ask("PORT", "/movies/kept/")[1]
