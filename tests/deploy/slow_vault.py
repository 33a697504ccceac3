"""The role `vault`, the pods' logins and the files they get, with OpenBao: Vault's open fork.

Over https, with a Vault outside the cluster: CA, reviewer and API are what the role is told.
"""

from collections.abc import Iterator

import pytest

from tests.deploy import manifests, openbao, playbooks, vault_peers
from tests.deploy.openbao import NAMESPACE, NOTE
from tests.deploy.vault_peers import Peers

VALUES = {
    "database-password": ("database", "password"),
    "secret-key": ("site", "secret_key"),
    "metrics-token": ("metrics", "token"),
}


@pytest.fixture(scope="module")
def peers(tmp_path_factory) -> Iterator[Peers]:
    with vault_peers.meeting(tmp_path_factory.mktemp("bao")) as made:
        made.runs = [made.configure(), made.configure()]
        yield made


def test_the_role_sets_vault_up_and_a_second_run_changes_nothing(peers):
    (rc, first), (rc_second, second) = peers.runs
    assert (rc, rc_second) == (0, 0), first + second
    assert playbooks.n_changed(first) == 10
    assert playbooks.n_changed(second) == 0


def test_a_vault_that_lacks_a_secret_gains_it_and_keeps_the_others(peers):
    before = peers.bao.secret("database")
    peers.bao.ask("DELETE", "secret/metadata/rotten-potatoes/metrics")
    rc, output = peers.configure()
    assert rc == 0, output
    assert playbooks.n_changed(output) == 1
    assert len(peers.bao.secret("metrics")["token"]) == 50
    assert peers.bao.secret("database") == before


def test_a_changed_cluster_is_told_to_vault(peers):
    former = {"kubernetes_host": "https://old", "kubernetes_ca_cert": peers.bao.ca.read_text()}
    assert peers.bao.ask("POST", "auth/kubernetes/config", former)[0] == 204
    rc, output = peers.configure()
    assert rc == 0, output
    assert playbooks.n_changed(output) == 1
    assert peers.login("web", "rotten-potatoes-web")[0] == 200


def test_a_new_reviewer_is_told_when_it_is_said(peers):
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


def test_a_play_without_the_reviewers_token_leaves_it_there(peers):
    rc, output = peers.configure(vault_reviewer_jwt="")
    assert rc == 0, output
    assert playbooks.n_changed(output) == 0
    assert peers.login("web", "rotten-potatoes-web")[0] == 200


def test_web_reads_all_secrets_of_the_site(peers):
    status, token = peers.login("web", "rotten-potatoes-web")
    assert status == 200
    for path, key in VALUES.values():
        assert len(peers.bao.secret(path, token)[key]) == 50


def test_postgres_reads_the_database_password_alone(peers):
    status, token = peers.login("postgres", "rotten-potatoes-postgres")
    assert status == 200
    assert peers.bao.secret("database", token) == peers.bao.secret("database")
    assert peers.bao.secret("site", token) is None
    assert peers.bao.secret("metrics", token) is None


def test_no_pod_may_write_a_secret(peers):
    _, token = peers.login("web", "rotten-potatoes-web")
    told = {"data": {"password": "mine"}}
    status, _ = peers.bao.ask("POST", "secret/data/rotten-potatoes/database", told, token)
    assert status == 403


@pytest.mark.parametrize(
    ("account", "namespace", "reason"),
    [
        ("stranger", NAMESPACE, "service account name not authorized"),
        ("postgres", NAMESPACE, "service account name not authorized"),
        ("web", "default", "namespace not authorized"),
    ],
)
def test_strangers_are_refused(peers, account, namespace, reason):
    assert peers.login(account, "rotten-potatoes-web", namespace) == (403, reason)


def test_a_token_that_the_cluster_did_not_give_is_refused(peers):
    forged = peers.cluster.token("web")[:-4] + "AAAA"
    told = {"role": "rotten-potatoes-web", "jwt": forged}
    assert peers.bao.ask("POST", "auth/kubernetes/login", told, token="")[0] == 403


# --- what is wrong is told in one sentence -----------------------------------------------


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


def test_a_missing_token_is_told(peers):
    rc, output = peers.configure(vault_token="")
    assert rc != 0
    assert "Vault needs a token." in sentence(output)


# --- the files that pods get ----------------------------------------------------------------


def pods_with_agents() -> dict[str, dict]:
    return {
        name: template
        for name, template in manifests.pods("production")
        if f"{NOTE}agent-inject" in template["metadata"].get("annotations", {})
    }


def test_every_pod_gets_its_secrets_as_files_and_nothing_else(peers, tmp_path):
    pods = pods_with_agents()
    assert len(pods) >= 7  # web, migration, four CronJobs, database
    for name, template in pods.items():
        # As an init container runs it, which every pod has.
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
