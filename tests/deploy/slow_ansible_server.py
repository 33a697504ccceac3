"""setup.yml's roles common and docker on a bare Debian, twice; lint and syntax of everything."""

import os
import subprocess

import pytest

from tests.deploy import bare_server, playbooks

PLAYBOOKS = sorted(path.name for path in playbooks.ANSIBLE.glob("*.yml"))
# The kernel belongs to the machine that tests, and so does its network.
VARIABLES = {"common_apply_sysctl": False, "docker_start": False, "common_ssh_keys_only": True}


@pytest.mark.parametrize("name", PLAYBOOKS)
def test_the_syntax_is_right(name):
    command = [playbooks.BIN / "ansible-playbook", "--syntax-check", name]
    done = subprocess.run(command, cwd=playbooks.ANSIBLE, env=playbooks.environment())
    assert done.returncode == 0


def test_the_linter_finds_nothing_in_its_strictest_profile():
    command = [playbooks.BIN / "ansible-lint", "--offline", "--profile", "production"]
    done = subprocess.run(
        command, cwd=playbooks.ANSIBLE, env=playbooks.environment(), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    if os.geteuid():
        pytest.skip("debootstrap needs root")
    folder = tmp_path_factory.mktemp("server")
    bare_server.make(folder / "root")
    with bare_server.running(folder / "root", folder) as hosts:
        yield folder / "root", hosts


@pytest.fixture(scope="module")
def converged(server):
    root, hosts = server
    playbook = root.parent / "servers.yml"
    playbook.write_text(
        "- hosts: all\n  name: Set up every server\n  become: true\n  roles: [common, docker]\n"
    )
    runs = [playbooks.run(playbook, hosts, **VARIABLES) for _ in range(2)]
    return root, runs


def test_a_bare_server_becomes_ready(converged):
    root, [(rc, output), _] = converged
    assert rc == 0, output[-3000:]
    assert playbooks.n_changed(output) > 8
    assert (root / "usr/sbin/dockerd").exists()
    assert "max-size" in (root / "etc/docker/daemon.json").read_text()
    assert (
        "vm.max_map_count = 262144" in (root / "etc/sysctl.d/60-rotten-potatoes.conf").read_text()
    )
    assert (root / "opt/rotten-potatoes/releases").stat().st_mode & 0o777 == 0o750


def test_a_second_run_changes_nothing(converged):
    _, [_, (rc, output)] = converged
    assert rc == 0, output[-3000:]
    assert playbooks.n_changed(output) == 0


def test_nobody_gets_in_by_password(converged):
    root, _ = converged
    told = subprocess.run(
        ["chroot", root, "/usr/sbin/sshd", "-T"], capture_output=True, text=True, check=True
    )
    assert "passwordauthentication no" in told.stdout
