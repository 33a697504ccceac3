"""The role `vault`, the pods' logins and their secret files, with OpenBao, a fork of Vault.

Over https and outside the cluster, with CA, reviewer and API address from variables.
"""

import json
from collections.abc import Iterator

import pytest

from tests.deploy import manifests, openbao, playbooks, vault_peers
from tests.deploy.openbao import NAMESPACE, NOTE
from tests.deploy.recorder import recording
from tests.deploy.vault_peers import Peers

VALUES = {
    "database-password": ("database", "password"),
    "secret-key": ("site", "secret_key"),
    "metrics-token": ("metrics", "token"),
}


class EmptyVault:
    """Contains nothing, and accepts every write."""

    def __init__(self, health: int = 200) -> None:
        self.health = health

    def answer(self, call):
        path = call.path.split("?")[0]
        if path == "/v1/sys/health":
            return self.health, {}
        if call.method != "GET":
            return (200, {"data": {"version": 1}}) if "/data/" in path else (204, None)
        return (200, {"data": {}}) if path in ("/v1/sys/mounts", "/v1/sys/auth") else (404, {})


@pytest.fixture(scope="module")
def peers(tmp_path_factory) -> Iterator[Peers]:
    with vault_peers.meeting(tmp_path_factory.mktemp("bao")) as made:
        made.runs = [made.configure(), made.configure()]
        yield made


def test_a_second_run_of_the_role_changes_nothing(peers):
    (rc, first), (rc_second, second) = peers.runs
    assert (rc, rc_second) == (0, 0), first + second
    assert playbooks.n_changed(first) == 10
    assert playbooks.n_changed(second) == 0


def test_secrets_are_long_random_and_not_printed(peers):
    password, key = peers.bao.secret("database")["password"], peers.bao.secret("site")["secret_key"]
    assert len(password) == len(key) == 50
    assert password != key
    (_, output), _ = peers.runs
    assert not any(secret in output for secret in (password, key, peers.bao.TOKEN))


def test_a_vault_inside_the_cluster_uses_its_pods_ca_and_token(peers):
    with recording(EmptyVault()) as server:
        inside = {"vault_kubernetes_ca": "", "vault_reviewer_jwt": ""}
        inside |= {"vault_kubernetes_host": "https://kubernetes.default.svc"}
        rc, output = peers.configure(vault_address=server.url, **inside)
    assert rc == 0, output
    (config,) = [call.body for call in server.calls if call.path.endswith("kubernetes/config")][1:]
    assert json.loads(config) == {
        "kubernetes_host": "https://kubernetes.default.svc",
        "kubernetes_ca_cert": "",
        "token_reviewer_jwt": "",
        "disable_local_ca_jwt": False,
    }


def test_a_missing_secret_is_added_and_the_others_are_kept(peers):
    before = peers.bao.secret("database")
    peers.bao.ask("DELETE", "secret/metadata/rotten-potatoes/metrics")
    rc, output = peers.configure()
    assert rc == 0, output
    assert playbooks.n_changed(output) == 1
    assert len(peers.bao.secret("metrics")["token"]) == 50
    assert peers.bao.secret("database") == before


def test_a_changed_cluster_address_is_written_to_vault(peers):
    former = {"kubernetes_host": "https://old", "kubernetes_ca_cert": peers.bao.ca.read_text()}
    assert peers.bao.ask("POST", "auth/kubernetes/config", former)[0] == 204
    rc, output = peers.configure()
    assert rc == 0, output
    assert playbooks.n_changed(output) == 1
    assert peers.login("web", "rotten-potatoes-web")[0] == 200


def test_a_new_reviewer_token_is_written_on_request(peers):
    old = peers.cluster.reviewer
    peers.cluster.reviewer = peers.cluster.token("another-reviewer")
    try:
        assert peers.login("web", "rotten-potatoes-web")[0] == 403
        rc, output = peers.configure(vault_reviewer_again=True)
        assert rc == 0, output
        assert peers.login("web", "rotten-potatoes-web")[0] == 200
    finally:
        peers.cluster.reviewer = old
        peers.configure(vault_reviewer_again=True)


def test_a_play_without_a_reviewer_token_keeps_vaults(peers):
    rc, output = peers.configure(vault_reviewer_jwt="")
    assert rc == 0, output
    assert playbooks.n_changed(output) == 0
    assert peers.login("web", "rotten-potatoes-web")[0] == 200


def test_web_may_read_all_secrets_of_the_site(peers):
    status, token = peers.login("web", "rotten-potatoes-web")
    assert status == 200
    for path, key in VALUES.values():
        assert len(peers.bao.secret(path, token)[key]) == 50


def test_postgres_may_read_only_the_database_password(peers):
    status, token = peers.login("postgres", "rotten-potatoes-postgres")
    assert status == 200
    assert peers.bao.secret("database", token) == peers.bao.secret("database")
    assert peers.bao.secret("site", token) is None
    assert peers.bao.secret("metrics", token) is None


def test_no_pod_may_write_a_secret(peers):
    _, token = peers.login("web", "rotten-potatoes-web")
    payload = {"data": {"password": "mine"}}
    status, _ = peers.bao.ask("POST", "secret/data/rotten-potatoes/database", payload, token)
    assert status == 403


@pytest.mark.parametrize(
    ("account", "namespace", "reason"),
    [
        ("stranger", NAMESPACE, "service account name not authorized"),
        ("postgres", NAMESPACE, "service account name not authorized"),
        ("web", "default", "namespace not authorized"),
    ],
)
def test_other_accounts_cannot_log_in(peers, account, namespace, reason):
    assert peers.login(account, "rotten-potatoes-web", namespace) == (403, reason)


# --- errors -----------------------------------------------------------------------------


def sentence(output: str) -> str:
    return " ".join(output.split())


def test_a_vault_outside_needs_a_ca_and_a_reviewer(peers):
    rc, output = peers.configure(
        vault_kubernetes_ca="", vault_reviewer_jwt="", vault_reviewer_again=True
    )
    assert rc != 0
    assert "If it runs outside, it needs vault_kubernetes_ca" in sentence(output)
    for half in ({"vault_kubernetes_ca": ""}, {"vault_reviewer_jwt": ""}):
        rc, output = peers.configure(vault_kubernetes_host="https://elsewhere", **half)
        assert rc != 0
        assert "needs both vault_kubernetes_ca and vault_reviewer_jwt" in sentence(output)
        assert peers.cluster.reviewer not in output


def test_a_vault_whose_ca_is_unknown_is_not_trusted(peers):
    rc, output = peers.configure(vault_ca="")
    assert rc != 0
    assert "certificate verify failed" in sentence(output).lower()
    assert peers.bao.TOKEN not in output


def test_a_missing_token_is_reported(peers):
    rc, output = peers.configure(vault_token="")
    assert rc != 0
    assert "The Vault token is missing." in sentence(output)


@pytest.mark.parametrize(("health", "word"), [(501, "not initialised"), (503, "sealed")])
def test_a_sealed_vault_is_reported_and_gets_no_other_call(peers, health, word):
    with recording(EmptyVault(health)) as server:
        rc, output = peers.configure(vault_address=server.url)
    assert rc != 0
    assert f"is {word}" in sentence(output)
    assert {call.path.split("?")[0] for call in server.calls} == {"/v1/sys/health"}


# --- secret files of pods -------------------------------------------------------------------


def pods_with_agents() -> dict[str, dict]:
    return {
        name: template
        for name, template in manifests.pods("production")
        if f"{NOTE}agent-inject" in template["metadata"].get("annotations", {})
    }


def test_every_pod_gets_exactly_its_secrets_as_files(peers, tmp_path):
    pods = pods_with_agents()
    assert len(pods) >= 7  # web, migration, four CronJobs, database
    for name, template in pods.items():
        # As in the init container that every pod has.
        notes = template["metadata"]["annotations"] | {f"{NOTE}agent-pre-populate-only": "true"}
        folder = tmp_path / name.replace("/", "-")
        folder.mkdir()
        token = peers.cluster.token(template["spec"]["serviceAccountName"])
        config = openbao.agent(folder, notes, peers.bao, token)
        with openbao.running(folder, "agent", f"-config={config}") as process:
            assert process.wait(60) == 0, (folder / "log").read_text()
        written = {path.name: path.read_text() for path in (folder / "secrets").iterdir()}
        assert written == {
            file: peers.bao.secret(VALUES[file][0])[VALUES[file][1]]
            for file in openbao.files_of(notes)
        }
