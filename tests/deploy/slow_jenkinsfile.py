"""What the Jenkinsfile does on good days and bad ones, by a stand-in for Jenkins in Groovy."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.deploy.jenkins_steps import JENKINSFILE

STAND_IN = Path(__file__).with_name("stand_in_jenkins.groovy")
# 15 is the newest that runs on Node 20. It brings Groovy.
LINTER = ["npx", "--yes", "--package", "npm-groovy-lint@15", "--"]
OF_THE_ROLE = {
    "TRAINING_HISTORY": "/history",
    "IMAGE": "registry.example/potatoes",
    "MAIL_TO": "crew@potatoes.example",
}
CHECKED = ["begin-build", '"$CHECK_TARGET"', "data", "-s training-unchanged"]
TRAINED = ["train-release", "gate-release"]
SHIPPED = ["build", "audit", "scan-image", "push", "deploy", "smoke-test", "accept-release"]
SHIPPED += ["backup-history"]
ANSIBLES = {"ANSIBLE_PRIVATE_KEY_FILE", "ANSIBLE_VAULT_PASSWORD_FILE"}


def test_groovy_reads_the_jenkinsfile(tmp_path):
    shutil.copy(JENKINSFILE, tmp_path)
    lint = [*LINTER, "npm-groovy-lint", "--no-insight", "--noserver", "--failon", "error"]
    done = subprocess.run(lint, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    assert "1 linted files" in done.stdout.replace("\x1b[1m", "").replace("\x1b[22m", "")


@pytest.fixture(scope="module")
def groovy():
    found = subprocess.run(
        [*LINTER, "sh", "-c", "command -v npm-groovy-lint"],
        check=True,
        capture_output=True,
        text=True,
    )
    package = Path(found.stdout.strip()).resolve().parent.parent
    return ["java", "-cp", f"{package}/lib/java/groovy/lib/*", "groovy.ui.GroovyMain"]


class Build:
    def __init__(self, told: dict) -> None:
        self.result, self.events = told["result"], told["events"]
        self.runs = [event for event in self.events if "sh" in event]
        [self.mail] = [event["mail"] for event in self.events if "mail" in event]

    @property
    def commands(self) -> list[str]:
        return [run["sh"].removeprefix("make ") for run in self.runs]

    def env_of(self, command: str) -> dict[str, str]:
        return next(run["env"] for run in self.runs if run["sh"] == f"make {command}")


@pytest.fixture(scope="module")
def jenkins(groovy):
    command = [*groovy, STAND_IN, JENKINSFILE]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, text=True, bufsize=1, **pipes) as process:
        yield process
        process.stdin.close()


@pytest.fixture
def build(jenkins):
    def run(branch: str = "main", env: dict | None = None, **told) -> Build:
        own = {"BRANCH_NAME": branch, "BUILD_NUMBER": "7", "WORKSPACE": "/workspace"}
        own |= {"BUILD_URL": "https://ci.example/7"} | OF_THE_ROLE | (env or {})
        jenkins.stdin.write(json.dumps({"environment": own, "ends": {}, "files": []} | told) + "\n")
        return Build(json.loads(jenkins.stdout.readline()))

    return run


CHANGED = {"make -s training-unchanged": "fails"}


def test_a_push_to_main_goes_live(build):
    done = build(ends=CHANGED)
    assert done.commands == [*CHECKED, *TRAINED, *SHIPPED, "build-report"]
    assert done.result == "SUCCESS"
    assert done.mail == {
        "to": "crew@potatoes.example",
        "subject": "build-7 of main is live",
        "body": "what var/build/report.txt says",
    }


def test_nothing_is_trained_where_nothing_changed(build):
    assert build().commands == [*CHECKED, *SHIPPED, "build-report"]


def test_another_branch_ends_after_the_gate(build):
    done = build("topic", ends=CHANGED)
    assert done.commands == [*CHECKED, *TRAINED, "build-report"]
    assert done.mail["subject"] == "build-7 of topic passed"


@pytest.mark.parametrize(("branch", "history"), [("main", "/history"), ("topic", "/workspace/var")])
def test_only_main_touches_the_training_history(build, branch, history):
    assert {run["env"]["VAR_DIR"] for run in build(branch, ends=CHANGED).runs} == {history}


def test_an_image_without_a_registry_stays_here(build):
    done = build(env={"IMAGE": "rotten-potatoes"})
    assert "push" not in done.commands
    assert "deploy" in done.commands


@pytest.mark.parametrize("how", ["fails", "hangs"])
@pytest.mark.parametrize("stage", ["deploy", "smoke-test", "accept-release"])
def test_what_ends_a_deploy_early_is_undone(build, stage, how):
    done = build(ends={f"make {stage}": how})
    assert done.commands[-3:] == [stage, "undo-deploy", "build-report"]
    assert [run["sh"] for run in done.runs if run["killed"]] == []
    result = {"fails": "FAILURE", "hangs": "ABORTED"}[how]
    assert done.mail["subject"] == f"build-7 of main: {result}"


@pytest.mark.parametrize("command", [*CHECKED[1:3], "build", "scan-image", "push"])
def test_what_fails_before_the_deploy_deploys_nothing(build, command):
    done = build(ends={f"make {command}": "fails"})
    assert done.commands[-2:] == [command, "build-report"]
    assert done.result == "FAILURE"


def test_a_backup_that_fails_is_told_and_undoes_nothing(build):
    done = build(ends={"make backup-history": "fails"})
    assert "undo-deploy" not in done.commands
    assert done.mail["subject"] == "build-7 of main: FAILURE"


def test_a_checkout_that_fails_mails_no_figures_of_the_build_before(build):
    left = ("var/build/commit.txt", "var/build/gate.json", "var/build/report.txt")
    done = build(ends={"checkout": "fails"}, files=left)
    assert done.commands == []
    assert done.mail["body"] == "It ended before there was a report: https://ci.example/7"


@pytest.mark.parametrize(
    ("command", "names"),
    [
        ("data", {"DVC_REMOTE_URL"}),
        ("push", {"REGISTRY_LOGIN"}),
        ("deploy", {*ANSIBLES, "VAULT_TOKEN", "REGISTRY_LOGIN_USR", "REGISTRY_LOGIN_PSW"}),
        ("undo-deploy", ANSIBLES),
        ("build", set()),
    ],
)
def test_each_command_sees_the_secrets_it_needs_and_no_others(build, command, names):
    done = build(env={"VAULT_TOKEN_CREDENTIAL": "vault-token"}, ends={"make deploy": "fails"})
    env = done.env_of(command)
    assert {name for name, value in env.items() if value.startswith("credential ")} == names


def test_without_a_vault_no_token_is_asked_for(build):
    assert "VAULT_TOKEN" not in build().env_of("deploy")


def test_without_a_registry_no_login_is_asked_for(build):
    env = build(env={"IMAGE": "rotten-potatoes"}).env_of("deploy")
    assert not any(name.startswith("REGISTRY_LOGIN") for name in env)
