"""deploy.yml and rollback.yml with a stand-in for kubectl that renders, keeps and records."""

import json
import os
import re
import shutil
import sys
from base64 import b64decode, b64encode
from pathlib import Path

import pytest
import yaml

from tests.deploy import playbooks
from tests.deploy.recorder import Kibana, recording

HERE = "[cluster]\nhere ansible_connection=local ansible_python_interpreter='{python}'\n"
STAND_IN = Path(__file__).with_name("stand_in_kubectl")
START = f'#!/bin/sh\nexec {sys.executable} {STAND_IN} "$@"\n'


class Cluster:
    def __init__(self, folder: Path, overlay: str = "production") -> None:
        self.home, self.state, self.overlay = folder / "home", folder / "state", overlay
        for path in (self.home / "releases", self.state, folder / "bin"):
            path.mkdir(parents=True)
        self.path = str(folder / "bin")
        self.add_program("kubectl", START)
        self.inventory = folder / "hosts.ini"
        self.inventory.write_text(HERE.format(python="{{ ansible_playbook_python }}"))
        self.told = self.state / "deployed.json"

    def add_program(self, name: str, text: str) -> None:
        path = Path(self.path, name)
        path.write_text(text)
        path.chmod(0o755)

    def break_builds(self, **faults: str) -> None:
        named = {name.replace("_", "-"): fault for name, fault in faults.items()}
        (self.state / "broken.json").write_text(json.dumps(named))

    def play(self, name: str, *options: str, **variables) -> tuple[int, str]:
        os.environ |= {"STATE": str(self.state), "REAL_KUBECTL": shutil.which("kubectl")}
        variables = {
            "ansible_become": False,
            "deploy_home": str(self.home),
            "deploy_archive": str(self.state / "k8s.tar"),
            "deploy_told": str(self.told),
            "deploy_overlay": self.overlay,
            "deploy_load_into_minikube": False,
            "deploy_delay_s": 0,
            "deploy_retries": 2,
        } | variables
        return playbooks.run(name, str(self.inventory), *options, path=self.path, **variables)

    def deploy(self, build: str, *options: str, **variables) -> tuple[int, str]:
        return self.play("deploy.yml", *options, deploy_build=build, **variables)

    @property
    def live(self) -> str:
        return (self.home / "releases" / "current").read_text().strip()

    @property
    def applied(self) -> str:
        return (self.state / "applied").read_text()

    def calls(self) -> list[str]:
        """Since the last time one asked."""
        path = self.state / "calls"
        told = path.read_text().splitlines() if path.exists() else []
        path.unlink(missing_ok=True)
        return told


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


def images(cluster) -> set[str]:
    """The builds of our images that are on the cluster."""
    return {*re.findall(r"image: rotten-potatoes(?:-training)?:(.+)", cluster.applied)}


def test_every_image_of_ours_is_of_the_build(two_builds):
    assert "image: rotten-potatoes-training:build-2" in two_builds.applied
    assert images(two_builds) == {"build-2"}


def test_the_site_sends_its_events_to_the_log_stack(two_builds):
    assert "LOGSTASH_URL: http://logstash.rotten-potatoes-logging:8080" in two_builds.applied
    policy = two_builds.applied.split("name: logstash-clients\n")[1]
    assert policy.startswith("  namespace: rotten-potatoes\n")


def test_rollback_goes_to_the_build_before(two_builds):
    rc, output = two_builds.play("rollback.yml")
    assert rc == 0, output[-3000:]
    assert two_builds.live == "build-1"
    assert "rotten-potatoes:build-1" in two_builds.applied
    assert images(two_builds) == {"build-1"}
    assert "- --again\n        - build-2\n" in two_builds.applied  # its model comes back, too


def test_rollback_goes_to_any_former_build(two_builds):
    two_builds.deploy("build-4")
    rc, output = two_builds.play("rollback.yml", rollback_to="build-1")
    assert rc == 0, output[-3000:]
    assert two_builds.live == "build-1"


def test_undoing_a_build_that_is_not_live_does_nothing(two_builds):
    rc, output = two_builds.play("rollback.yml", rollback_from="build-99")
    assert rc == 0, output[-3000:]
    assert playbooks.n_changed(output) == 0
    assert two_builds.live == "build-2"


def test_a_deploy_that_was_killed_can_be_undone(two_builds):
    two_builds.deploy("build-9")
    (two_builds.home / "releases" / "current").write_text("build-2\n")  # so far it did not come
    rc, output = two_builds.play("rollback.yml", rollback_from="build-9")
    assert rc == 0, output[-3000:]
    assert two_builds.live == "build-2"
    assert images(two_builds) == {"build-2"}
    assert "- --undo\n        - build-9\n" in two_builds.applied


def test_an_undoing_that_did_not_end_is_not_taken_for_done(two_builds):
    two_builds.deploy("build-9")
    (two_builds.home / "releases" / "current").write_text("build-2\n")
    two_builds.break_builds(build_2="migration")
    assert two_builds.play("rollback.yml", rollback_from="build-9")[0] != 0
    two_builds.break_builds()
    rc, output = two_builds.play("rollback.yml", rollback_from="build-9")
    assert rc == 0, output[-3000:]
    assert images(two_builds) == {"build-2"}


def test_a_build_that_does_not_exist_is_told_in_one_sentence(two_builds):
    rc, output = two_builds.play("rollback.yml", rollback_to="build-77")
    assert rc != 0
    assert "There is no release of build-77" in output
    assert two_builds.live == "build-2"


def test_a_build_whose_migration_fails_leaves_the_old_one_live(two_builds):
    two_builds.break_builds(build_3="migration")
    rc, output = two_builds.deploy("build-3")
    assert rc != 0
    assert "build-3 is not live, build-2 is. The migration failed." in output
    assert "column already exists" in output
    assert two_builds.live == "build-2"
    assert images(two_builds) == {"build-2"}
    assert "- --undo\n        - build-3\n" in two_builds.applied


def test_an_image_that_cannot_be_pulled_is_told_at_once(two_builds):
    two_builds.break_builds(build_5="image")
    two_builds.calls()
    rc, output = two_builds.deploy("build-5", deploy_retries=1000)
    assert rc != 0
    image = "rotten-potatoes:build-5"
    assert f"build-5 is not live, build-2 is. The image {image} cannot be pulled: " in output
    assert f"ErrImagePull: {image}: not found." in output
    assert two_builds.live == "build-2"
    assert len(two_builds.calls()) < 20


def test_pods_that_do_not_get_ready_are_told_and_taken_back(two_builds):
    two_builds.break_builds(build_6="site")
    rc, output = two_builds.deploy("build-6")
    assert rc != 0
    assert "build-6 is not live, build-2 is. The new pods do not get ready." in output
    assert "The site said: waiting for migrations" in output
    assert two_builds.live == "build-2"
    assert images(two_builds) == {"build-2"}


def test_where_nothing_goes_back_either_one_is_told_so(two_builds):
    two_builds.break_builds(build_7="site", build_2="migration")
    rc, output = two_builds.deploy("build-7")
    two_builds.break_builds()
    assert rc != 0
    assert "Going back failed, too" in output


def test_a_rollback_that_fails_stays_where_it_was(two_builds):
    two_builds.break_builds(build_1="image")
    rc, output = two_builds.play("rollback.yml", rollback_to="build-1")
    two_builds.break_builds()
    assert rc != 0
    assert "build-1 is not live, build-2 is. The image rotten-potatoes:build-1 cannot" in output
    assert two_builds.live == "build-2"
    assert images(two_builds) == {"build-2"}


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


def test_a_former_build_comes_back_with_the_secrets_of_today(tmp_path):
    cluster = Cluster(tmp_path, overlay="minikube")
    cluster.deploy("build-1")
    cluster.deploy("build-2")
    (tmp_path / "home/secrets/database-password").write_text("of-today")
    rc, output = cluster.play("rollback.yml")
    assert rc == 0, output[-3000:]
    assert cluster.live == "build-1"
    assert b64encode(b"of-today").decode() in cluster.applied


@pytest.fixture
def fresh(tmp_path):
    return Cluster(tmp_path)


def test_a_first_deploy_whose_migration_failed_can_be_tried_again(fresh):
    fresh.break_builds(build_1="migration")
    rc, output = fresh.deploy("build-1")
    assert rc != 0
    assert "build-1 is not live. The migration failed." in output
    fresh.break_builds()
    rc, output = fresh.deploy("build-1")
    assert rc == 0, output[-3000:]
    assert fresh.live == "build-1"


def test_going_back_leads_to_what_was_live_last(fresh):
    for build in ("build-1", "build-2", "build-1"):
        assert fresh.deploy(build)[0] == 0
    fresh.play("rollback.yml")
    assert fresh.live == "build-2"


def test_pods_that_wait_for_an_image_are_made_anew(fresh):
    """With the registry's login, which they did not have."""
    fresh.break_builds(build_1="image")
    fresh.deploy("build-1")
    assert not any("delete pod" in call for call in fresh.calls())
    fresh.deploy("build-1")
    assert any("delete pod web-1" in call for call in fresh.calls())


def test_a_port_that_the_overlay_does_not_open_is_closed(fresh):
    fresh.deploy("build-1")
    assert any("delete service web-nodeport" in call for call in fresh.calls())


def test_changed_manifests_of_the_same_build_are_applied(fresh):
    fresh.deploy("build-1", logging_enabled=False)
    assert "LOGSTASH_URL" not in fresh.applied
    rc, output = fresh.deploy("build-1", deploy_image="registry.example/rotten-potatoes")
    assert rc == 0, output[-3000:]
    assert "image: registry.example/rotten-potatoes:build-1" in fresh.applied


def test_every_pod_pulls_with_the_registrys_login(fresh):
    private = {"deploy_image": "registry.example/rotten-potatoes"}
    login = {"deploy_registry_user": "puller", "deploy_registry_password": "only-for-tests"}
    rc, output = fresh.deploy("build-1", **private, **login)
    assert rc == 0, output[-3000:]
    assert "only-for-tests" not in output
    fresh.deploy("build-2", **private)  # once given, it is kept
    things = list(yaml.safe_load_all(fresh.applied))
    (secret,) = (each for each in things if each["metadata"]["name"] == "registry")
    auth = json.loads(b64decode(secret["data"][".dockerconfigjson"]))["auths"]
    assert b64decode(auth["registry.example"]["auth"]) == b"puller:only-for-tests"
    assert secret["metadata"]["namespace"] == "rotten-potatoes"
    accounts = [each for each in things if each["kind"] == "ServiceAccount"]
    assert accounts
    assert all(each["imagePullSecrets"] == [{"name": "registry"}] for each in accounts)


@pytest.mark.parametrize("build", ["build-2", "build-8"])
def test_check_mode_waits_for_nothing_and_changes_nothing(two_builds, build):
    two_builds.calls()
    rc, output = two_builds.deploy(build, "--check")
    assert rc == 0, output[-3000:]
    assert two_builds.calls() == []
    assert two_builds.live == "build-2"


def test_check_mode_works_before_the_first_deploy(fresh):
    rc, output = fresh.deploy("build-1", "--check")
    assert rc == 0, output[-3000:]
    assert not (fresh.home / "releases" / "build-1").exists()


def run_the_log_stack(cluster, *options):
    with recording(Kibana()) as server:
        return cluster.play(
            "logging.yml",
            *options,
            logging_home=str(cluster.home),
            logging_archive=str(cluster.state / "k8s.tar"),
            logging_kibana_url=server.url,
            logging_delay_s=0,
        )


def test_the_log_stack_needs_no_build(fresh):
    rc, output = run_the_log_stack(fresh)
    assert rc == 0, output[-3000:]
    assert "name: elasticsearch" in (fresh.state / "logging").read_text()


def test_check_mode_waits_for_no_kibana(fresh):
    rc, output = run_the_log_stack(fresh, "--check")
    assert rc == 0, output[-3000:]
    assert fresh.calls() == []


def test_a_rollback_brings_the_images_that_minikube_has_lost(fresh):
    fresh.add_program("minikube", f'#!/bin/sh\necho "$*" >>"{fresh.state}/minikube"\n')
    for build in ("build-1", "build-2"):
        fresh.deploy(build)
    rc, output = fresh.play("rollback.yml", deploy_load_into_minikube=True)
    assert rc == 0, output[-3000:]
    assert (fresh.state / "minikube").read_text().splitlines() == [
        "image ls",
        "image load rotten-potatoes:build-1",
        "image load rotten-potatoes-training:build-1",
    ]
