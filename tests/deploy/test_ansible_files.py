import subprocess
from pathlib import Path

import pytest
import yaml
from django.conf import settings

ANSIBLE = Path(settings.BASE_DIR) / "ansible"
ROLES = sorted(path.name for path in (ANSIBLE / "roles").iterdir())


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(
    "part",
    ["defaults/main.yml", "handlers/main.yml", "meta/main.yml", "tasks/main.yml", "README.md"],
)
def test_every_role_is_complete(role, part):
    assert (ANSIBLE / "roles" / role / part).stat().st_size


def test_a_problem_with_kibana_does_not_fail_a_deploy():
    (play,) = yaml.safe_load((ANSIBLE / "deploy.yml").read_text())
    assert "logging" not in {each["role"] for each in play["roles"]}
    site = yaml.safe_load((ANSIBLE / "site.yml").read_text())
    imported = [play["ansible.builtin.import_playbook"] for play in site]
    assert imported == ["setup.yml", "deploy.yml", "logging.yml"]


@pytest.mark.parametrize("inventory", sorted(ANSIBLE.glob("inventory/*")), ids=lambda it: it.name)
def test_ansible_reads_the_secrets_file_and_git_ignores_it(inventory):
    # A file in group_vars applies to the group of the same name; in all/, any name works.
    assert not list(inventory.glob("group_vars/*.yml"))
    secrets = inventory / "group_vars" / "all" / "secrets.yml"
    ignored = subprocess.run(["git", "check-ignore", "--quiet", secrets], cwd=ANSIBLE)
    assert ignored.returncode == 0


def test_the_deploy_user_can_run_ansibles_python():
    hosts = yaml.safe_load((ANSIBLE / "inventory/minikube/hosts.yml").read_text())["all"]["hosts"]
    assert hosts["here"]["ansible_python_interpreter"] == "/usr/bin/python3"


def test_minikubes_network_plugin_enforces_network_policies():
    role = ANSIBLE / "roles" / "kubernetes"
    defaults = yaml.safe_load((role / "defaults" / "main.yml").read_text())
    assert defaults["kubernetes_minikube_cni"] in {"calico", "cilium"}
    unit = (role / "templates" / "minikube.service.j2").read_text()
    assert "--cni={{ kubernetes_minikube_cni }} " in unit
