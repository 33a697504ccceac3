"""deploy.yml and rollback.yml with a stand-in for kubectl that renders, keeps and records."""

import os
import shutil
from pathlib import Path

import pytest

from tests.deploy import playbooks

HERE = "[cluster]\nhere ansible_connection=local ansible_python_interpreter='{python}'\n"
STAND_IN = Path(__file__).with_name("stand_in_kubectl")


class Cluster:
    def __init__(self, folder: Path, overlay: str = "production") -> None:
        self.home, self.state, self.overlay = folder / "home", folder / "state", overlay
        for path in (self.home / "releases", self.state, folder / "bin"):
            path.mkdir(parents=True)
        shutil.copy(STAND_IN, folder / "bin" / "kubectl")
        self.path = str(folder / "bin")
        self.inventory = folder / "hosts.ini"
        self.inventory.write_text(HERE.format(python="{{ ansible_playbook_python }}"))
        (self.state / "broken").write_text("none")

    def play(self, name: str, **variables) -> tuple[int, str]:
        os.environ |= {"STATE": str(self.state), "REAL_KUBECTL": shutil.which("kubectl")}
        variables |= {
            "ansible_become": False,
            "deploy_home": str(self.home),
            "deploy_archive": str(self.state / "k8s.tar"),
            "deploy_overlay": self.overlay,
            "deploy_load_into_minikube": False,
            "deploy_delay_s": 0,
            "logging_enabled": False,
        }
        return playbooks.run(name, str(self.inventory), path=self.path, **variables)

    def deploy(self, build: str) -> tuple[int, str]:
        return self.play("deploy.yml", deploy_build=build)

    @property
    def live(self) -> str:
        return (self.home / "releases" / "current").read_text().strip()

    @property
    def applied(self) -> str:
        return (self.state / "applied").read_text()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """Two builds, one after the other, the second one twice."""
    made = Cluster(tmp_path_factory.mktemp("cluster"))
    made.runs = [made.deploy(build) for build in ("build-1", "build-2", "build-2")]
    return made


@pytest.fixture
def two_builds(cluster):
    if cluster.live != "build-2":
        cluster.deploy("build-2")
    return cluster


def test_a_build_becomes_live(cluster):
    (rc, output), *_ = cluster.runs
    assert rc == 0, output[-3000:]
    assert playbooks.n_changed(output) > 3


def test_deploying_the_same_build_again_changes_nothing(cluster):
    rc, output = cluster.runs[-1]
    assert rc == 0, output[-3000:]
    assert playbooks.n_changed(output) == 0


def test_every_image_of_ours_is_of_the_build(two_builds):
    images = {
        line.split("image: ")[1] for line in two_builds.applied.splitlines() if "image: rot" in line
    }
    assert images == {"rotten-potatoes:build-2", "rotten-potatoes-training:build-2"}


def test_rollback_goes_to_the_build_before(two_builds):
    rc, output = two_builds.play("rollback.yml")
    assert rc == 0, output[-3000:]
    assert two_builds.live == "build-1"
    assert "rotten-potatoes:build-1" in two_builds.applied
    assert "build-2" not in two_builds.applied
    assert "--again" in two_builds.applied  # its model comes back, too


def test_rollback_goes_to_any_former_build(two_builds):
    two_builds.deploy("build-4")
    rc, output = two_builds.play("rollback.yml", rollback_to="build-1")
    assert rc == 0, output[-3000:]
    assert two_builds.live == "build-1"


def test_undoing_a_build_that_is_not_live_does_nothing(two_builds):
    rc, output = two_builds.play("rollback.yml", rollback_from="build-9")
    assert rc == 0, output[-3000:]
    assert playbooks.n_changed(output) == 0
    assert two_builds.live == "build-2"


def test_a_build_that_does_not_exist_is_told_in_one_sentence(two_builds):
    rc, output = two_builds.play("rollback.yml", rollback_to="build-77")
    assert rc != 0
    assert "There is no release of build-77" in output
    assert two_builds.live == "build-2"


def test_a_build_whose_migration_fails_leaves_the_old_one_live(two_builds):
    (two_builds.state / "broken").write_text("build-3")
    rc, output = two_builds.deploy("build-3")
    assert rc != 0
    assert "build-3 is not live, build-2 is." in output
    assert "column already exists" in output
    assert two_builds.live == "build-2"
    assert "build-3" not in two_builds.applied


def test_a_build_must_be_named(two_builds):
    rc, output = two_builds.play("deploy.yml")
    assert rc != 0
    assert "Which build?" in output


def test_without_vault_the_secrets_are_made_once(tmp_path):
    cluster = Cluster(tmp_path, overlay="minikube")
    rc, output = cluster.deploy("build-1")
    assert rc == 0, output[-3000:]
    key = (tmp_path / "home/secrets/secret-key").read_text()
    assert len(key) == 50
    assert "kind: Secret" in cluster.applied
    assert key not in output
    cluster.deploy("build-2")
    assert (tmp_path / "home/secrets/secret-key").read_text() == key
