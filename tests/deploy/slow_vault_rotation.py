"""rotate-password.yml with OpenBao and a real PostgreSQL; needs root and Debian.

Whatever fails, the password in Vault works for the database, or the error says what to do.
"""

import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
import yaml

from tests.deploy import manifests, openbao, playbooks, vault_peers
from tests.deploy.openbao import NOTE, PROGRAM
from tests.deploy.recorder import recording
from tests.deploy.slow_image import Postgres
from tests.deploy.vault_peers import Peers
from tests.support import run, wait_until

# What the role runs inside the pod, without `kubectl exec`.
_DEFAULTS = yaml.safe_load((playbooks.ANSIBLE / "roles/vault/defaults/main.yml").read_text())
PSQL = _DEFAULTS["vault_psql"].split(" -- ")[1]


class Database(Postgres):
    """Configured as in the image: local connections are trusted, others need a password."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        rules = "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n"
        (folder / "data" / "pg_hba.conf").write_text(rules)

    def opens(self, password: str) -> bool:
        try:
            psycopg2.connect(
                self.url("rottenpotatoes", "rottenpotatoes"), password=password
            ).close()
        except psycopg2.OperationalError:
            return False
        return True

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text()


class Rotation:
    def __init__(self, peers: Peers, database: Database) -> None:
        self.peers, self.database = peers, database

    def run(self, before: str = ":", after: str = ":", **more) -> tuple[int, str]:
        """Run the playbook; ``before`` and ``after`` are shell commands around psql."""
        variables = {"vault_psql": f"{{ {before}; {PSQL} && {after}; }}"} | more
        rc, output = self.peers.play("rotate-password.yml", **variables)
        return rc, " ".join(output.split())

    @property
    def password(self) -> str:
        return self.peers.bao.secret("database")["password"]

    def passwords(self) -> list[str]:
        """Return all versions that Vault still has."""
        path = "secret/{}/rotten-potatoes/database"
        _, metadata = self.peers.bao.ask("GET", path.format("metadata"))
        answers = [
            self.peers.bao.ask("GET", f"{path.format('data')}?version={version}")
            for version in sorted(metadata["data"]["versions"], key=int)
        ]
        return [secret["data"]["data"]["password"] for status, secret in answers if status == 200]


@pytest.fixture(scope="module")
def peers(tmp_path_factory) -> Iterator[Peers]:
    with vault_peers.meeting(tmp_path_factory.mktemp("bao")) as made:
        rc, output = made.configure()
        assert rc == 0, output
        yield made


@pytest.fixture(scope="module")
def database(peers) -> Iterator[Database]:
    if os.geteuid():
        pytest.skip("a PostgreSQL of its own needs root")
    # Not below pytest's own folder, into which only root may look.
    with tempfile.TemporaryDirectory(prefix="pg-") as folder:
        server = Database(Path(folder))
        server.start()
        server.execute("CREATE ROLE rottenpotatoes SUPERUSER LOGIN")
        server.execute("CREATE DATABASE rottenpotatoes OWNER rottenpotatoes")
        yield server
        server.stop()


@pytest.fixture
def rotation(peers, database, monkeypatch) -> Rotation:
    made = Rotation(peers, database)
    database.execute(f"ALTER ROLE rottenpotatoes PASSWORD '{made.password}'")
    # Inside the pod, psql finds its server without these.
    monkeypatch.setenv("PGHOST", str(database.folder))
    monkeypatch.setenv("PGPORT", str(database.port))
    return made


# --- success ------------------------------------------------------------------------------


@pytest.fixture
def web_secrets(peers, tmp_path) -> Iterator[Path]:
    """Return the secrets folder of a web pod, kept up to date by its agent."""
    template = manifests.find("production", "Deployment", "web")["spec"]["template"]
    folder = tmp_path / "web"
    folder.mkdir()
    notes = template["metadata"]["annotations"]
    config = openbao.agent(folder, notes, peers.bao, peers.cluster.token("web"))
    with openbao.running(folder, "agent", f"-config={config}"):
        files = {folder / "secrets" / name for name in openbao.files_of(notes)}
        wait_until(lambda: all(path.exists() for path in files))
        yield folder / "secrets"


def render_interval() -> int:
    template = manifests.find("production", "Deployment", "web")["spec"]["template"]
    interval = template["metadata"]["annotations"][f"{NOTE}template-static-secret-render-interval"]
    return int(interval.removesuffix("s"))


def test_a_running_pod_gets_the_new_password(rotation, web_secrets):
    old = rotation.password
    rc, output = rotation.run()
    assert rc == 0, output
    new = rotation.password
    assert new != old
    assert len(new) == 50
    assert (rotation.database.opens(new), rotation.database.opens(old)) == (True, False)
    written = web_secrets / "database-password"
    wait_until(lambda: written.read_text() == new, timeout_s=render_interval() + 5)
    assert not any(password in output for password in (old, new))


# --- before any change -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("variables", "reason"),
    [
        ({"vault_address": ""}, "vault_address is missing"),
        ({"vault_token": ""}, "VAULT_TOKEN (or vault_token) is missing"),
        ({"vault_token": "expired"}, "did not return the current password (permission denied)"),
        ({"vault_address": "https://127.0.0.1:1"}, "Connection refused"),
    ],
)
def test_without_vault_nothing_changes(rotation, variables, reason):
    old = rotation.passwords()
    rc, output = rotation.run(**variables)
    assert rc != 0
    assert "Nothing was changed: " in output
    assert reason in output
    assert rotation.passwords() == old
    assert rotation.database.opens(rotation.password)


def test_a_token_without_write_permission_changes_nothing(rotation):
    old = rotation.password
    policies = {"policies": ["rotten-potatoes-web"]}
    _, made = rotation.peers.bao.ask("POST", "auth/token/create", policies)
    rc, output = rotation.run(vault_token=made["auth"]["client_token"])
    assert rc != 0
    assert "The database was not changed: Vault rejected the new password" in output
    assert "permission denied" in output
    assert "Vault may have stored it" not in output
    assert rotation.password == old
    assert rotation.database.opens(old)


class LostAnswer:
    """A Vault behind a proxy that loses the answer to a write."""

    def answer(self, call):
        present = {"data": {"password": "old"}, "metadata": {"version": 3}}
        return (200, {"data": present}) if call.method == "GET" else (502, {"errors": []})


def test_a_lost_answer_of_vault_asks_to_run_the_playbook_again(rotation):
    with recording(LostAnswer()) as server:
        rc, output = rotation.run(vault_address=server.url)
    assert rc != 0
    assert "The database was not changed: " in output
    assert "Vault may have stored it: run this again once Vault answers." in output
    assert rotation.database.opens(rotation.password)


# --- after the first step ----------------------------------------------------------------------


def test_a_database_error_restores_the_old_password(rotation):
    old = rotation.password
    rotation.database.execute("ALTER ROLE rottenpotatoes NOSUPERUSER")
    try:
        rc, output = rotation.run()
    finally:
        rotation.database.execute("ALTER ROLE rottenpotatoes SUPERUSER")
    assert rc != 0
    assert "The database rejected the new password" in output
    assert "permission denied" in output
    assert rotation.password == old
    assert rotation.database.opens(old)


def test_the_databases_log_contains_no_password(rotation):
    rotation.database.execute("ALTER ROLE rottenpotatoes RENAME TO somebody")
    rotation.database.execute("CREATE ROLE clerk SUPERUSER LOGIN")
    clerk = {"vault_psql": "psql --set=ON_ERROR_STOP=1 -U clerk postgres"}
    try:
        rc, output = rotation.run(**clerk)
    finally:
        rotation.database.execute("DROP ROLE clerk")
        rotation.database.execute("ALTER ROLE somebody RENAME TO rottenpotatoes")
    assert rc != 0
    assert 'role "rottenpotatoes" does not exist' in output
    assert 'role "rottenpotatoes" does not exist' in rotation.database.log
    assert not any(each in rotation.database.log + output for each in rotation.passwords())


def test_a_cluster_that_does_not_answer_keeps_the_old_password(rotation):
    old = rotation.password
    rc, output = rotation.run(before="echo 'the server was refused' >&2; exit 1")
    assert rc != 0
    assert "rejected the new password (the server was refused)" in output
    assert "The old one is restored in Vault." in output
    assert "run this again once kubectl works." in output
    assert rotation.password == old
    assert rotation.database.opens(old)


def test_a_lost_answer_restores_the_old_password(rotation, tmp_path):
    old = rotation.password
    lost = f"{{ [ -e {tmp_path}/lost ] || {{ touch {tmp_path}/lost; echo 'lost' >&2; exit 1; }}; }}"
    rc, output = rotation.run(after=lost)
    assert rc != 0
    assert "The old one is restored in Vault and the database." in output
    assert rotation.password == old
    assert rotation.database.opens(old)


def test_if_vault_cannot_be_restored_the_error_says_how(rotation, monkeypatch):
    bao = rotation.peers.bao
    _, made = bao.ask("POST", "auth/token/create", {"policies": ["root"]})
    token = made["auth"]["client_token"]
    environment = {"BAO_ADDR": bao.url, "BAO_CACERT": str(bao.ca)}
    for name, value in {**environment, "BAO_TOKEN": token}.items():
        monkeypatch.setenv(name, value)
    old = rotation.password
    revoke = f"{PROGRAM} token revoke -self >&2; exit 1"
    rc, output = rotation.run(before=revoke, vault_token=token)
    assert rc != 0
    assert not rotation.database.opens(rotation.password)
    command = re.search(r"Restore the old one with `vault (kv rollback [^`]+)`", output)
    run(PROGRAM, *command[1].split(), env=os.environ | environment | {"BAO_TOKEN": bao.TOKEN})
    assert rotation.password == old
    assert rotation.database.opens(old)
