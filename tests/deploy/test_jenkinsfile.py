import re
from pathlib import Path

import pytest
from django.conf import settings

from tests.deploy.jenkins_steps import JENKINSFILE, STAGE, commands_of, steps

TEXT = JENKINSFILE.read_text(encoding="utf-8")
MAKEFILES = [Path(settings.BASE_DIR) / name for name in ("Makefile", "pipeline.mk")]
TARGETS = set(
    re.findall(r"^([a-z-]+):", "\n".join(path.read_text() for path in MAKEFILES), flags=re.M)
)
STAGES = [
    "Checkout",
    "Check",
    "Data",
    "Model",
    "Train",
    "Gate",
    "Build",
    "Scan",
    "Push",
    "Release",
    "Deploy",
    "Smoke-test",
]


def test_the_stages_come_in_order():
    assert [name.replace(" ", "-") for name in STAGE.findall(TEXT)] == STAGES


@pytest.mark.parametrize("step", steps(), ids=lambda step: step.command)
def test_every_sh_step_is_a_make_target(step):
    target = re.fullmatch(r'make (?:-s )?("\$CHECK_TARGET"|[a-z-]+)', step.command)
    assert target
    assert target[1] == '"$CHECK_TARGET"' or target[1] in TARGETS


def test_no_sh_step_is_overlooked():
    assert len(steps()) == len(re.findall(r"\bsh\b[ (]", re.sub(r"//.*", "", TEXT)))


def test_the_usual_check_is_all_of_it():
    assert "name: 'CHECK_TARGET', defaultValue: 'check'" in TEXT


@pytest.mark.parametrize("stage", ["Deploy", "Smoke test"])
def test_a_failure_after_deploy_rolls_back(stage):
    assert commands_of(f"{stage}, afterwards")[0] == "make undo-deploy"


def test_every_stage_that_runs_something_has_a_timeout():
    blocks = TEXT.split("stage('")[1:]
    without = [block.split("'")[0] for block in blocks if "timeout(" not in block]
    assert without == ["Model", "Release"]


def test_two_builds_never_deploy_at_once():
    assert "disableConcurrentBuilds()" in TEXT
    assert "when { branch 'main' }" in TEXT.split("stage('Release')")[1]


def test_the_training_history_outlives_the_workspace():
    assert re.search(r"VAR_DIR = .*/var/lib/jenkins/", TEXT)


def test_secrets_come_by_binding_alone():
    assert set(re.findall(r"(\w+) = credentials\(", TEXT)) == {
        "DVC_REMOTE_URL",
        "REGISTRY_LOGIN",
        "ANSIBLE_PRIVATE_KEY_FILE",
        "ANSIBLE_VAULT_PASSWORD_FILE",
    }


@pytest.mark.parametrize("outcome", ["success", "failure"])
def test_mail_with_the_figures_goes_out(outcome):
    block = TEXT.split(f"        {outcome} {{")[-1].split("}")[0]
    assert "mail to:" in block
    assert "report.txt" in TEXT.split("post {")[-1]
