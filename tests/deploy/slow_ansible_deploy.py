"""deploy.yml and rollback.yml, with a kubectl that only keeps what it was called with.

It renders manifests with the real kubectl and exits with 1 where a test says so. What a cluster
makes of the commands, only a cluster can show.
"""

import json
import os
import re
import shutil
from base64 import b64decode, b64encode
from pathlib import Path

import pytest
import yaml

from tests.deploy import playbooks
from tests.deploy.recorder import Kibana, recording
from tests.support import add_program, run

INVENTORY = "[cluster]\nhere ansible_connection=local ansible_python_interpreter='{python}'\n"
# A fake kubectl: it records its arguments, and no migration has failed.
KUBECTL = """
echo "$*" >>"$STATE/calls"
case "$*" in
    kustomize*) exec "$REAL_KUBECTL" "$@" ;;
    *for=condition=failed*) exit 1 ;;
    *terminated.message*) cat "$STATE/result.json" ;;
    *status.phase=Pending*) cat "$STATE/pending" ;;
    *logs*) echo "the log of $*" ;;
esac
! printf %s "$*" | grep -q -f "$STATE/failing"
"""
RESULT = {"shipped": "b" * 64, "champion": "a" * 64, "message": "a stays champion"}
MIGRATION, ROLLOUT = "wait job/migrate --for=condition=complete", "rollout status"


class Server:
    """The machine that kubectl runs on, with the folders that the role keeps there."""

    def __init__(self, folder: Path, overlay: str = "production") -> None:
        self.home, self.state, self.overlay = folder / "home", folder / "state", overlay
        for path in (self.home / "releases", self.state):
            path.mkdir(parents=True)
        self.path = str(folder / "bin")
        add_program(folder / "bin" / "kubectl", KUBECTL)
        self.inventory = folder / "hosts.ini"
        self.inventory.write_text(INVENTORY.format(python="{{ ansible_playbook_python }}"))
        self.result_file = self.state / "deployed.json"
        self.succeed()

    def fail(self, *commands: str) -> None:
        (self.state / "failing").write_text("\n".join(commands))

    def succeed(self) -> None:
        for name in ("failing", "pending"):
            (self.state / name).write_text("")
        (self.state / "result.json").write_text(json.dumps(RESULT))

    def play(self, name: str, *options: str, **variables) -> tuple[int, str]:
        os.environ |= {"STATE": str(self.state), "REAL_KUBECTL": shutil.which("kubectl")}
        variables = {
            "ansible_become": False,
            "deploy_home": str(self.home),
            "deploy_archive": str(self.state / "k8s.tar"),
            "deploy_result_file": str(self.result_file),
            "deploy_overlay": self.overlay,
            "deploy_load_into_minikube": False,
        } | variables
        return playbooks.run(name, str(self.inventory), *options, path=self.path, **variables)

    def deploy(self, build: str, *options: str, **variables) -> tuple[int, str]:
        return self.play("deploy.yml", *options, deploy_build=build, **variables)

    @property
    def live(self) -> str:
        return (self.home / "releases" / "current").read_text().strip()

    @property
    def applied(self) -> str:
        """The manifests of the last `kubectl apply`, as they are in its folder now."""
        *_, folder = [each.split()[-1] for each in self.calls() if each.startswith("apply ")]
        return run("kubectl", "kustomize", folder).stdout

    def calls(self, since: int = 0) -> list[str]:
        path = self.state / "calls"
        return path.read_text().splitlines()[since:] if path.exists() else []


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """Two builds, one after the other, the second one deployed twice."""
    made = Server(tmp_path_factory.mktemp("server"))
    made.runs = [made.deploy(build) for build in ("build-1", "build-2", "build-2")]
    return made


@pytest.fixture
def two_builds(server):
    server.succeed()
    if server.live != "build-2":
        server.deploy("build-2")
    return server


@pytest.fixture
def fresh(tmp_path):
    return Server(tmp_path)


def images(server) -> set[str]:
    """Return the tags of our images in what was applied last."""
    return {*re.findall(r"image: rotten-potatoes(?:-training)?:(.+)", server.applied)}


def test_deploying_the_same_build_again_changes_nothing(server):
    rc, output = server.runs[-1]
    assert rc == 0, output[-3000:]
    assert playbooks.n_changed(output) == 0


def test_every_image_of_ours_is_of_the_build(two_builds):
    assert "image: rotten-potatoes-training:build-2" in two_builds.applied
    assert images(two_builds) == {"build-2"}


def test_the_site_sends_its_events_to_the_log_stack(two_builds):
    assert "LOGSTASH_URL: http://logstash.rotten-potatoes-logging:8080" in two_builds.applied
    policy = two_builds.applied.split("name: logstash-clients\n")[1]
    assert policy.startswith("  namespace: rotten-potatoes\n")


def test_the_result_of_the_deploy_is_written_for_the_smoke_test(two_builds):
    assert json.loads(two_builds.result_file.read_text()) == RESULT


@pytest.mark.parametrize("result", ["", "no JSON"])
def test_a_missing_deploy_result_fails_the_play_and_says_what_to_do(two_builds, result):
    (two_builds.state / "result.json").write_text(result)
    rc, output = two_builds.deploy("build-2")
    assert rc != 0
    assert "build-2 is live, but which model serves is unknown" in output
    assert two_builds.live == "build-2"


def test_pods_that_had_not_started_are_recreated_with_the_registrys_login(two_builds):
    n_before = len(two_builds.calls())
    two_builds.deploy("build-2")
    assert not any("delete pod/" in each for each in two_builds.calls(n_before))
    (two_builds.state / "pending").write_text("pod/web-1\n")
    two_builds.deploy("build-2")
    assert any("delete pod/web-1" in each for each in two_builds.calls(n_before))


def test_the_migrate_job_is_deleted_only_when_the_manifests_differ(two_builds):
    n_before = len(two_builds.calls())
    two_builds.deploy("build-2")
    assert not any("delete job migrate" in each for each in two_builds.calls(n_before))
    two_builds.fail("^diff")
    two_builds.deploy("build-2")
    assert any("delete job migrate" in each for each in two_builds.calls(n_before))


def test_rollback_goes_to_the_build_before(two_builds):
    rc, output = two_builds.play("rollback.yml")
    assert rc == 0, output[-3000:]
    assert two_builds.live == "build-1"
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
    (two_builds.home / "releases" / "current").write_text("build-2\n")  # killed before this
    rc, output = two_builds.play("rollback.yml", rollback_from="build-9")
    assert rc == 0, output[-3000:]
    assert two_builds.live == "build-2"
    assert images(two_builds) == {"build-2"}
    assert "- --undo\n        - build-9\n" in two_builds.applied


def test_an_undo_that_failed_can_be_repeated(two_builds):
    two_builds.deploy("build-9")
    (two_builds.home / "releases" / "current").write_text("build-2\n")
    two_builds.fail(MIGRATION)
    assert two_builds.play("rollback.yml", rollback_from="build-9")[0] != 0
    two_builds.succeed()
    rc, output = two_builds.play("rollback.yml", rollback_from="build-9")
    assert rc == 0, output[-3000:]
    assert images(two_builds) == {"build-2"}


def test_rolling_back_to_a_build_that_does_not_exist_fails_with_the_reason(two_builds):
    rc, output = two_builds.play("rollback.yml", rollback_to="build-77")
    assert rc != 0
    assert "There is no release of build-77" in output
    assert two_builds.live == "build-2"


@pytest.mark.parametrize(
    ("command", "task"),
    [
        ("^apply --kustomize .*build-3", "Apply the manifests"),
        (MIGRATION, "Check that the migration succeeded"),
        (ROLLOUT, "Wait for the new pods"),
    ],
)
def test_a_build_that_does_not_come_up_is_rolled_back(two_builds, command, task):
    two_builds.fail(command)
    rc, output = two_builds.deploy("build-3")
    assert rc != 0
    assert f"build-3 is not live; build-2 is. {task}: " in output
    assert "Migration log: the log of" in output
    assert two_builds.live == "build-2"
    assert images(two_builds) == {"build-2"}
    assert "- --undo\n        - build-3\n" in two_builds.applied


def test_a_failed_return_to_the_former_build_is_reported(two_builds):
    two_builds.fail(ROLLOUT)
    rc, output = two_builds.deploy("build-7")
    assert rc != 0
    assert "Going back failed, too" in output


def test_a_rollback_that_fails_keeps_the_current_build(two_builds):
    two_builds.fail("^apply --kustomize .*build-1/")
    rc, output = two_builds.play("rollback.yml", rollback_to="build-1")
    assert rc != 0
    assert "build-1 is not live; build-2 is. Apply the manifests: " in output
    assert two_builds.live == "build-2"
    assert images(two_builds) == {"build-2"}


def test_a_build_must_be_named(two_builds):
    rc, output = two_builds.play("deploy.yml")
    assert rc != 0
    assert "deploy_build is missing" in output


def test_without_vault_the_secrets_are_created_once(tmp_path):
    server = Server(tmp_path, overlay="minikube")
    rc, output = server.deploy("build-1")
    assert rc == 0, output[-3000:]
    key = (tmp_path / "home/secrets/secret-key").read_text()
    assert len(key) == 50
    assert "kind: Secret" in server.applied
    assert key not in output
    server.deploy("build-2")
    assert (tmp_path / "home/secrets/secret-key").read_text() == key


def test_a_former_build_comes_back_with_the_current_secrets(tmp_path):
    server = Server(tmp_path, overlay="minikube")
    server.deploy("build-1")
    server.deploy("build-2")
    (tmp_path / "home/secrets/database-password").write_text("changed-since")
    rc, output = server.play("rollback.yml")
    assert rc == 0, output[-3000:]
    assert server.live == "build-1"
    assert b64encode(b"changed-since").decode() in server.applied


def test_a_first_deploy_that_failed_can_be_repeated(fresh):
    fresh.fail(MIGRATION)
    rc, output = fresh.deploy("build-1")
    assert rc != 0
    assert "build-1 is not live. Check that the migration succeeded: " in output
    fresh.succeed()
    rc, output = fresh.deploy("build-1")
    assert rc == 0, output[-3000:]
    assert fresh.live == "build-1"


def test_rollback_goes_to_the_build_that_was_live_last(fresh):
    for build in ("build-1", "build-2", "build-1"):
        assert fresh.deploy(build)[0] == 0
    fresh.play("rollback.yml")
    assert fresh.live == "build-2"


def test_a_node_port_that_the_overlay_does_not_open_is_closed(fresh):
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
def test_check_mode_changes_nothing(two_builds, build):
    n_before = len(two_builds.calls())
    rc, output = two_builds.deploy(build, "--check")
    assert rc == 0, output[-3000:]
    assert two_builds.calls(n_before) == []
    assert two_builds.live == "build-2"


def test_check_mode_works_before_the_first_deploy(fresh):
    rc, output = fresh.deploy("build-1", "--check")
    assert rc == 0, output[-3000:]
    assert not (fresh.home / "releases" / "build-1").exists()


def play_log_stack(server, *options):
    with recording(Kibana()) as kibana:
        return server.play(
            "logging.yml",
            *options,
            logging_home=str(server.home),
            logging_archive=str(server.state / "k8s.tar"),
            logging_kibana_url=kibana.url,
            logging_delay_s=0,
        )


def test_the_log_stack_needs_no_build(fresh):
    rc, output = play_log_stack(fresh)
    assert rc == 0, output[-3000:]
    assert "name: elasticsearch" in fresh.applied


def test_check_mode_does_not_wait_for_kibana(fresh):
    rc, output = play_log_stack(fresh, "--check")
    assert rc == 0, output[-3000:]
    assert fresh.calls() == []


def test_a_rollback_loads_images_that_minikube_has_lost(fresh):
    add_program(Path(fresh.path, "minikube"), f'echo "$*" >>"{fresh.state}/minikube"')
    for build in ("build-1", "build-2"):
        fresh.deploy(build)
    rc, output = fresh.play("rollback.yml", deploy_load_into_minikube=True)
    assert rc == 0, output[-3000:]
    assert (fresh.state / "minikube").read_text().splitlines() == [
        "image ls",
        "image load rotten-potatoes:build-1",
        "image load rotten-potatoes-training:build-1",
    ]
