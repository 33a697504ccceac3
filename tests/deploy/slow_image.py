"""The image, built and run on a real Docker engine with PostgreSQL; needs root and Debian.

`make deploy-check`. ENGINE_DIR names a folder where an engine of before may be found again.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
from django.conf import settings

from seo.tests.test_typesetting import TITLES
from tests.support import free_port, run, wait_until

ROOT = settings.BASE_DIR
IMAGE = "rotten-potatoes:build-1"
MAX_MB = 500
LOCKED = ["--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges"]
FULL_DISK = "--tmpfs=/full:uid=10001,size=64k"
SCRATCH = ["--tmpfs=/tmp", "--tmpfs=/var/lib/rottenpotatoes:uid=10001"]


# --- an image, a database ------------------------------------------------


@pytest.fixture(scope="session")
def image(engine, committed) -> str:
    python = os.environ | {"PYTHON": sys.executable}
    run("scripts/ci/build-image", "web", IMAGE, cwd=committed, env=python)
    return IMAGE


class Postgres:
    """A server that requires a password, unlike a developer's."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port, self.password = folder, free_port(), "first"
        (self.bin,) = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1:]
        shutil.chown(folder, "postgres", "postgres")
        (folder / "password").write_text("first")
        self._as_postgres("initdb", "-D", "data", "-A", "scram-sha-256", "--pwfile=password")

    def _as_postgres(self, program: str, *arguments: str) -> None:
        who = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        run(*who, self.bin / program, *arguments, cwd=self.folder)

    def start(self) -> None:
        options = f"-c listen_addresses=127.0.0.1 -p {self.port} -k {self.folder}"
        self._as_postgres("pg_ctl", "-D", "data", "-w", "-l", "log", "-o", options, "start")

    def stop(self) -> None:
        self._as_postgres("pg_ctl", "-D", "data", "-m", "immediate", "stop")

    def execute(self, statement: str, database: str = "postgres") -> str:
        password = os.environ | {"PGPASSWORD": self.password}
        address = ["-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres", database]
        return run("psql", "-XAtq", *address, "-c", statement, env=password).stdout.strip()

    def url(self, name: str, user: str = "postgres") -> str:
        return f"postgres://{user}@127.0.0.1:{self.port}/{name}"


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    # Not below pytest's folder, which only root can read.
    with tempfile.TemporaryDirectory(prefix="pg-") as folder:
        server = Postgres(Path(folder))
        server.start()
        yield server
        server.stop()


# --- a site in a container -----------------------------------------------------------


class Site:
    def __init__(self, postgres: Postgres, folder: Path, **variables: str) -> None:
        self.port, self.name = free_port(), f"site-{folder.name}"
        self.secrets = folder / "secrets"
        self.secrets.mkdir()
        self.set_password("first")
        (self.secrets / "secret-key").write_text("only-for-this-test")
        self.variables = {
            "PORT": str(self.port),
            "DATABASE_URL": postgres.url("site"),
            "DATABASE_PASSWORD_FILE": "/run/secrets/rottenpotatoes/database-password",
            "SECRET_KEY_FILE": "/run/secrets/rottenpotatoes/secret-key",
            "MODEL_STORE": "/var/lib/rottenpotatoes/models",
        } | variables

    def set_password(self, password: str) -> None:
        (self.secrets / "database-password").write_text(f"{password}\n")

    def _run(self, *command: str, options: list[str]) -> subprocess.CompletedProcess:
        environment = [f"--env={name}={value}" for name, value in self.variables.items()]
        secrets = f"--volume={self.secrets}:/run/secrets/rottenpotatoes:ro"
        fixed = ["--network=host", *LOCKED, *SCRATCH, secrets]
        return run("docker", "run", *fixed, *environment, *options, IMAGE, *command, check=False)

    def manage(self, *command: str) -> subprocess.CompletedProcess:
        return self._run("python", "manage.py", *command, options=["--rm"])

    def start(self) -> "Site":
        self._run(options=["--detach", f"--name={self.name}"])
        return self

    def stop(self) -> None:
        run("docker", "rm", "--force", self.name, check=False)

    def ask(self, path: str) -> tuple[int, dict]:
        try:
            response = requests.get(f"http://127.0.0.1:{self.port}{path}", timeout=10)
        except requests.RequestException:
            return 0, {}
        return response.status_code, response.json()

    def is_ready(self) -> bool:
        return self.ask("/readyz")[0] == 200

    def inspect(self, what: str) -> str:
        return run("docker", "inspect", "--format", what, self.name).stdout.strip()

    @property
    def log(self) -> str:
        done = run("docker", "logs", self.name)
        return done.stdout + done.stderr


@pytest.fixture
def make_site(image, postgres, tmp_path) -> Iterator[Callable[..., Site]]:
    postgres.execute("DROP DATABASE IF EXISTS site WITH (FORCE)")
    postgres.execute("CREATE DATABASE site")
    made: list[Site] = []

    def make(**variables: str) -> Site:
        folder = tmp_path / f"{tmp_path.name}-{len(made)}"
        folder.mkdir()
        made.append(Site(postgres, folder, **variables))
        return made[-1]

    yield make
    for site in made:
        site.stop()


@pytest.fixture
def live(make_site) -> Site:
    site = make_site()
    assert site.manage("deploy").returncode == 0
    site.start()
    wait_until(site.is_ready)
    return site


# --- the image ------------------------------------------------------------------------


def test_the_web_image_is_small(image):
    size = int(run("docker", "image", "inspect", "--format", "{{.Size}}", image).stdout)
    assert size < MAX_MB * 1e6


def test_the_web_image_contains_no_training_packages_compiler_or_tests(image):
    there = "import importlib.util as u, shutil; print([n for n in ('mlflow', 'dvc', 'pandas', "
    there += "'pytest', 'pip') if u.find_spec(n)], [p for p in ('gcc', 'git') if shutil.which(p)])"
    run_in_it = ["docker", "run", "--rm", "--network=none", image]
    assert run(*run_in_it, "python", "-c", there).stdout.strip() == "[] []"
    found = run(*run_in_it, "find", "/app", "-name", "tests", "-o", "-name", "*.csv").stdout
    assert found.split() == ["/app/data/demo_reviews.csv"]


def test_labels_contain_the_lineage(image):
    labels = json.loads(
        run("docker", "image", "inspect", "--format", "{{json .Config.Labels}}", image).stdout
    )
    commit = run("git", "rev-parse", "HEAD", cwd=ROOT).stdout.strip()
    assert labels["org.opencontainers.image.revision"] == commit
    assert labels["org.opencontainers.image.version"] == "build-1"
    for name in ("data-hash", "run-id", "model-version"):
        assert re.fullmatch(r"\w+", labels[f"rottenpotatoes.{name}"])
        assert labels[f"rottenpotatoes.{name}"] != "unknown"


@pytest.mark.parametrize("title", TITLES)
def test_the_web_image_can_draw_a_title_of_every_script(image, title):
    code = (
        "from PIL import features; from seo.typesetting.fonts import font_for, has_glyphs\n"
        "assert features.check('raqm')\n"
        f"assert all(has_glyphs(font_for(c), c) for c in {title!r} if not c.isspace())"
    )
    run("docker", "run", "--rm", "--network=none", image, "python", "-c", code)


def test_every_module_is_compiled(image):
    count = 'for e in py pyc; do find /opt/venv/lib /app -name "*.$e" | wc -l; done'
    counts = run("docker", "run", "--rm", "--network=none", image, "sh", "-c", count).stdout.split()
    assert int(counts[1]) >= int(counts[0]) > 1000


# --- normal use -----------------------------------------------------------------------


def test_the_site_runs_read_only_and_without_root(live):
    assert live.inspect("{{.Config.User}} {{.HostConfig.ReadonlyRootfs}}") == "10001:10001 true"
    url = f"http://127.0.0.1:{live.port}"
    done = run(sys.executable, ROOT / "scripts" / "ci" / "smoke_test.py", url)
    assert f"{url} works." in done.stdout
    wait_until(lambda: live.inspect("{{.State.Health.Status}}") == "healthy")


def test_the_site_restarts_without_a_network_download(live, record_property):
    live.stop()
    began = time.monotonic()
    live.start()
    wait_until(live.is_ready)
    record_property("first_answer_s", time.monotonic() - began)


def test_sigterm_stops_the_site_cleanly(live):
    run("docker", "stop", "--time", "40", live.name)
    assert live.inspect("{{.State.ExitCode}}") == "0"


def test_a_new_database_password_needs_no_restart(live, postgres):
    started = live.inspect("{{.State.StartedAt}}")
    postgres.execute("ALTER ROLE postgres PASSWORD 'second'")
    postgres.password = "second"
    try:
        drop = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'site'"
        postgres.execute(drop)
        wait_until(lambda: live.ask("/readyz")[0] == 503)  # the old password no longer works
        live.set_password("second")
        wait_until(live.is_ready)
    finally:
        postgres.execute("ALTER ROLE postgres PASSWORD 'first'")
        postgres.password = "first"
    assert live.inspect("{{.State.StartedAt}}") == started


# --- failures ---------------------------------------------------------------------------


def test_a_site_recovers_from_a_database_that_is_down_at_the_start(make_site, postgres):
    site = make_site()
    site.manage("deploy")
    postgres.stop()
    try:
        site.start()
        wait_until(lambda: site.ask("/healthz")[0] == 200)
        status, body = site.ask("/readyz")
        assert status == 503
        assert body["checks"]["database"]["status"] == "failed"
        assert "Traceback" not in site.log
    finally:
        postgres.start()
    wait_until(site.is_ready)


def test_a_deploy_without_a_database_is_reported_without_a_traceback(make_site, postgres):
    site = make_site()
    site.variables["DATABASE_URL"] = f"postgres://postgres@127.0.0.1:{free_port()}/site"
    done = site.manage("deploy", "--wait", "1")
    assert done.returncode == 1
    assert "the database was not migrated" in done.stderr
    assert "Connection refused" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_failed_migration_leaves_the_old_version_serving(live, make_site, postgres):
    postgres.execute("CREATE ROLE clerk LOGIN PASSWORD 'first'")
    try:
        broken = make_site()
        broken.variables["DATABASE_URL"] = postgres.url("empty", user="clerk")
        postgres.execute("CREATE DATABASE empty")
        done = broken.manage("deploy")
        assert done.returncode == 1
        assert "CommandError: the database was not migrated" in done.stderr
        assert "Traceback" not in done.stderr
        broken.start()
        wait_until(lambda: broken.ask("/healthz")[0] == 200)
        assert not broken.is_ready()  # so it gets no requests,
        assert live.is_ready()  # and the old one keeps serving
    finally:
        postgres.execute("DROP DATABASE IF EXISTS empty WITH (FORCE)")
        postgres.execute("DROP ROLE clerk")


def test_an_image_without_a_model_is_never_ready(live, make_site):
    empty = make_site(PRETRAINED_MODEL="/tmp")
    done = empty.manage("deploy")
    assert done.returncode == 1
    assert "this version contains no model to serve" in done.stderr
    empty.start()
    wait_until(lambda: empty.ask("/healthz")[0] == 200)
    status, body = empty.ask("/readyz")
    assert (status, body["checks"]["model"]["status"]) == (503, "failed")
    assert live.is_ready()


def test_a_missing_secret_key_is_reported(make_site):
    site = make_site()
    (site.secrets / "secret-key").unlink()
    done = site.manage("check")
    assert done.returncode != 0
    assert "SECRET_KEY_FILE=" in done.stderr


# --- a full disk ------------------------------------------------------------------------


@pytest.fixture
def small_disk() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="disk-") as folder:
        run("mount", "-t", "tmpfs", "-o", "size=120m", "tmpfs", folder)
        yield Path(folder)
        run("umount", "--lazy", folder)


def fill(folder: Path) -> Path:
    ballast = folder / "ballast"
    run("dd", "if=/dev/zero", f"of={ballast}", "bs=64k", check=False)
    assert shutil.disk_usage(folder).free < 65536
    return ballast


def submit(site: Site, text: str) -> tuple[int, dict]:
    url = f"http://127.0.0.1:{site.port}/api/v1/movies/1/reviews/"
    body = {"text": text, "guest_name": "Ana"}
    response = requests.post(url, json=body, headers={"Host": "localhost"}, timeout=60)
    return response.status_code, response.json()


def test_a_full_database_disk_loses_no_accepted_review(image, small_disk, tmp_path):
    server = Postgres(small_disk)
    server.start()
    server.execute("CREATE DATABASE site")
    site = Site(server, tmp_path, REVIEW_RATE="1000/min")
    try:
        assert site.manage("deploy").returncode == 0
        site.start()
        wait_until(site.is_ready)
        ballast = fill(small_disk)
        answers = [
            submit(site, f"A film, and a long word on it. {'x' * 8000} {n}") for n in range(60)
        ]
        errors = [body for status, body in answers if status != 201]
        assert errors, "the disk did not become full"
        assert {status for status, _ in answers} <= {201, 500, 503}
        assert all(set(body["error"]) == {"code", "message", "fields"} for body in errors)
        assert site.ask("/healthz")[0] == 200
        ballast.unlink()
        wait_until(site.is_ready)
        assert submit(site, "There is room again.")[0] == 201
        n_accepted = sum(status == 201 for status, _ in answers) + 1
        count = "SELECT count(*) FROM reviews_moviereview WHERE guest_name = 'Ana'"
        assert server.execute(count, "site") == str(n_accepted)
    finally:
        site.stop()
        server.stop()


def test_a_full_disk_fails_a_deploy_and_the_old_version_keeps_serving(live, make_site):
    full = make_site(MODEL_STORE="/full/models")
    done = full._run("python", "manage.py", "deploy", options=["--rm", FULL_DISK])
    assert done.returncode == 1
    assert "CommandError: the disk is full" in done.stderr
    assert "Traceback" not in done.stderr
    assert live.is_ready()


def test_events_are_queued_in_memory_if_their_disk_is_full(live, make_site):
    queue = {"LOGSTASH_URL": f"http://127.0.0.1:{free_port()}", "LOGSTASH_QUEUE_DIR": "/full/queue"}
    site = make_site(**queue)
    site._run(options=["--detach", f"--name={site.name}", FULL_DISK])
    wait_until(site.is_ready)
    for _ in range(200):
        assert site.ask("/healthz")[0] == 200
    assert "Traceback" not in site.log
