"""The role jenkins on a bare Debian, applied twice, without the packages from Jenkins' servers."""

import os
from pathlib import Path

import pytest
import yaml

from tests.deploy import bare_server, playbooks
from tests.support import run

ROLE = playbooks.ANSIBLE / "roles" / "jenkins"
DEFAULTS = yaml.safe_load((ROLE / "defaults" / "main.yml").read_text(encoding="utf-8"))
HOST_KEY = "control.potatoes.example ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIG"
VARIABLES = {
    "jenkins_start": False,
    "jenkins_admin_password": "a password",
    "jenkins_known_hosts": [HOST_KEY],
    "jenkins_git_credential": "git-key",
    "jenkins_check_packages": ["postgresql", "postgresql-client"],
    "jenkins_mail_to": "crew@potatoes.example",
    "jenkins_approve_deploy": True,
    "jenkins_deploy_approvers": "ana,ben",
    "vault_address": "https://vault.potatoes.example:8200",
    "deploy_image": "registry.potatoes.example/rotten-potatoes",
    "deploy_overlay": "production",
}
PARTS = ("preflight", "access", "checks", "configuration")


def playbook(path: Path, *parts: str) -> Path:
    user = {"name": "jenkins", "home": DEFAULTS["jenkins_home"], "system": True}
    roles = [
        {"name": part, "ansible.builtin.import_role": {"name": "jenkins", "tasks_from": part}}
        for part in parts
    ]
    # The ones of Jenkins' package.
    before = [{"name": "Make the user", "ansible.builtin.user": user}] if len(parts) > 1 else []
    path.write_text(yaml.safe_dump([{"name": "Try", "hosts": "jenkins", "tasks": before + roles}]))
    return path


@pytest.fixture(scope="module")
def converged(tmp_path_factory):
    if os.geteuid():
        pytest.skip("debootstrap needs root")
    folder = tmp_path_factory.mktemp("jenkins")
    root = folder / "root"
    bare_server.make(root)
    with bare_server.running(root, folder) as hosts:
        with open(hosts, "a") as inventory:
            inventory.write("[jenkins]\nserver\n[cluster]\nserver\n")
        path = playbook(folder / "jenkins.yml", *PARTS)
        yield root, [playbooks.run(path, hosts, **VARIABLES) for _ in range(2)]


@pytest.fixture
def configuration(converged) -> dict:
    root, [(rc, output), _] = converged
    assert rc == 0, output[-3000:]
    return yaml.safe_load((root / "var/lib/jenkins/casc/jenkins.yaml").read_text())


def test_a_second_run_changes_nothing(converged):
    _, [_, (rc, output)] = converged
    assert rc == 0, output[-3000:]
    assert playbooks.n_changed(output) == 0


def test_jenkins_environment_names_the_destinations_of_builds(converged, configuration):
    [properties] = configuration["jenkins"]["globalNodeProperties"]
    output = {each["key"]: each["value"] for each in properties["envVars"]["env"]}
    assert output == {
        "TRAINING_HISTORY": "/var/lib/jenkins/rotten-potatoes",
        "BACKUP_DIR": "/var/backups/rotten-potatoes",
        "INVENTORY": f"inventory/{converged[0].parent.name}",
        "IMAGE": "registry.potatoes.example/rotten-potatoes",
        "SITE_URL": "https://rottenpotatoes.com",
        "MAIL_TO": "crew@potatoes.example",
        "APPROVE_DEPLOY": "true",
        "DEPLOY_APPROVERS": "ana,ben",
        "VAULT_TOKEN_CREDENTIAL": "vault-token",
    }


def test_the_job_signs_in_to_a_private_repository(configuration):
    [job] = configuration["jobs"]
    assert "credentialsId('git-key')" in job["script"]


def test_jenkins_knows_the_host_keys_of_the_servers(converged):
    ssh = converged[0] / "var/lib/jenkins/.ssh"
    assert (ssh / "known_hosts").read_text() == f"{HOST_KEY}\n"
    assert ssh.stat().st_mode & 0o777 == 0o700


def inside(root: Path, *command: str) -> str:
    return run("chroot", root, *command).stdout


def test_jenkins_may_become_only_the_deploy_user(converged):
    output = inside(converged[0], "sudo", "-l", "-U", "jenkins")
    assert "(potatoes) NOPASSWD: ALL" in output
    assert "(root)" not in output


def test_jenkins_may_create_databases(converged):
    ask = "SELECT rolcreatedb, rolsuper FROM pg_roles WHERE rolname = current_user"
    output = inside(
        converged[0], "runuser", "-u", "jenkins", "--", "psql", "-Atc", ask, "-d", "postgres"
    )
    assert output == "t|f\n"


def test_debian_has_the_packages_that_the_tests_need(converged):
    for name in DEFAULTS["jenkins_check_packages"]:
        assert f"Package: {name}\n" in inside(converged[0], "apt-cache", "show", name)


PASSWORD = {"jenkins_admin_password": "only-for-tests"}


def preflight_error(folder: Path, cluster: str, **variables) -> str:
    here = "here ansible_connection=local ansible_python_interpreter=/usr/bin/python3"
    hosts = folder / "hosts.ini"
    hosts.write_text(f"[jenkins]\n{here}\n[cluster]\n{cluster}\n")
    rc, output = playbooks.run(playbook(folder / "play.yml", "preflight"), str(hosts), **variables)
    return output if rc else ""


def test_the_role_requires_the_clusters_host_keys(tmp_path):
    output = preflight_error(
        tmp_path, "control.potatoes.example", jenkins_admin_password="a password"
    )
    assert (
        "Jenkins could not connect to control.potatoes.example. Add the output of `ssh-keyscan"
        in output
    )


def test_a_cluster_on_the_same_machine_needs_no_host_keys(tmp_path):
    assert preflight_error(tmp_path, "here", **PASSWORD) == ""


def test_the_role_rejects_ubuntu(tmp_path):
    ubuntu = {"distribution": "Ubuntu", "distribution_major_version": "24"}
    output = preflight_error(
        tmp_path, "here", ansible_facts=ubuntu, jenkins_admin_password="a password"
    )
    assert "Remove here from the group jenkins, or install Debian 12 or 13 on it." in " ".join(
        output.split()
    )
