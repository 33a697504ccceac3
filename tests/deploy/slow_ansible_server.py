"""The roles common and docker on a bare Debian, applied twice; lint of all playbooks."""

import hashlib
import json
import os
import shutil
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from tests.deploy import bare_server, playbooks
from tests.support import run

# The server shares the kernel and the network of this machine.
CHECK = ("--check",)
VARIABLES = {"common_apply_sysctl": False, "docker_start": False, "common_ssh_keys_only": True}


def test_ansible_lint_finds_nothing_in_its_strictest_profile():
    command = [playbooks.BIN / "ansible-lint", "--offline", "--profile", "production"]
    run(*command, cwd=playbooks.ANSIBLE, env=playbooks.environment())


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    if os.geteuid():
        pytest.skip("debootstrap needs root")
    folder = tmp_path_factory.mktemp("server")
    bare_server.make(folder / "root")
    with bare_server.running(folder / "root", folder) as hosts:
        yield folder / "root", hosts


@contextmanager
def downloads(folder):
    """Serve the downloads of the role kubernetes on loopback."""
    folder.mkdir()
    (folder / "Release.key").write_text("a key")
    (folder / "minikube-linux-amd64").write_text("a program")
    checksum = hashlib.sha256(b"a program").hexdigest()
    (folder / "minikube-linux-amd64.sha256").write_text(checksum)
    handler = partial(SimpleHTTPRequestHandler, directory=folder)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as files:
        Thread(target=files.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{files.server_port}"
        files.shutdown()


@pytest.fixture(scope="module")
def checked(server):
    """Apply the roles in check mode while the server is still bare."""
    root, hosts = server
    # Installed on every normal Debian; check mode may not install it.
    apt = "apt-get update -q && apt-get install -qy --no-install-recommends python3-apt"
    run("chroot", root, "sh", "-c", apt)
    playbook = root.parent / "look.yml"
    playbook.write_text(
        "- hosts: all\n  name: Look\n  become: true\n  roles: [common, docker, kubernetes]\n"
    )
    with downloads(root.parent / "downloads") as url:
        urls = {"kubernetes_repository": url, "kubernetes_minikube_url": url}
        return playbooks.run(playbook, hosts, *CHECK, **urls)


def test_check_mode_on_a_bare_server_succeeds_and_changes_nothing(server, checked):
    root, _ = server
    rc, output = checked
    assert rc == 0, output[-3000:]
    assert playbooks.n_changed(output) > 8
    assert not (root / "opt/rotten-potatoes").exists()


@pytest.fixture(scope="module")
def converged(server, checked):
    root, hosts = server
    playbook = root.parent / "servers.yml"
    playbook.write_text(
        "- hosts: all\n  name: Set up every server\n  become: true\n  roles: [common, docker]\n"
    )
    runs = [playbooks.run(playbook, hosts, *options, **VARIABLES) for options in ((), (), CHECK)]
    return root, runs


def test_a_bare_server_becomes_ready(converged):
    root, [(rc, output), *_] = converged
    assert rc == 0, output[-3000:]
    assert playbooks.n_changed(output) > 8
    assert (root / "usr/sbin/dockerd").exists()
    assert "max-size" in (root / "etc/docker/daemon.json").read_text()
    assert (
        "vm.max_map_count = 262144" in (root / "etc/sysctl.d/60-rotten-potatoes.conf").read_text()
    )
    assert (root / "opt/rotten-potatoes/releases").stat().st_mode & 0o777 == 0o750


def test_a_second_run_changes_nothing(converged):
    _, [_, *others] = converged
    for rc, output in others:  # the last one is in check mode
        assert rc == 0, output[-3000:]
        assert playbooks.n_changed(output) == 0


def test_password_logins_are_disabled(converged):
    root, _ = converged
    assert "passwordauthentication no" in run("chroot", root, "/usr/sbin/sshd", "-T").stdout


def test_the_deploy_user_gets_the_kubeconfig_of_a_cluster_elsewhere(server, converged, tmp_path):
    root, hosts = server
    (tmp_path / "kubeconfig").write_text("apiVersion: v1\nkind: Config\n")
    tasks = {"name": "kubernetes", "tasks_from": "kubeconfig"}
    home = "{{ ansible_facts.getent_passwd[kubernetes_user][4] }}"
    play = {"name": "Reach it", "hosts": "all", "become": True, "gather_facts": False}
    play["tasks"] = [{"name": "Bring it", "ansible.builtin.import_role": tasks}]
    (tmp_path / "play.yml").write_text(json.dumps([play]))
    variables = {"kubernetes_kubeconfig": str(tmp_path / "kubeconfig"), "kubernetes_home": home}
    runs = [playbooks.run(tmp_path / "play.yml", hosts, **variables) for _ in range(2)]
    assert [playbooks.n_changed(output) for _, output in runs] == [2, 0]
    config = root / "opt/rotten-potatoes/.kube/config"
    assert config.stat().st_mode & 0o777 == 0o600
    assert config.stat().st_uid == (root / "opt/rotten-potatoes").stat().st_uid


def test_the_secrets_file_applies_to_every_host(tmp_path):
    inventory = shutil.copytree(playbooks.ANSIBLE / "inventory/production", tmp_path / "production")
    (inventory / "group_vars" / "all" / "secrets.yml").write_text("vault_token: only-for-tests\n")
    command = [playbooks.BIN / "ansible-inventory", "-i", inventory, "--list"]
    done = run(*command, env=playbooks.environment())
    hosts = json.loads(done.stdout)["_meta"]["hostvars"]
    assert len(hosts) == 2
    assert all(host["vault_token"] == "only-for-tests" for host in hosts.values())
