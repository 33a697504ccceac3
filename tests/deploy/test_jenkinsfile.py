import re
from pathlib import Path

import pytest
import yaml
from django.conf import settings

from tests.deploy.jenkins_steps import JENKINSFILE, STAGE, commands_of, steps

TEXT = JENKINSFILE.read_text(encoding="utf-8")
MAKEFILES = [Path(settings.BASE_DIR) / name for name in ("Makefile", "ci.mk", "ops.mk")]
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
    "Backup",
]
# Stages that only the branch main may run.
MAIN_ONLY = ["Build", "Scan", "Push", "Release", "Backup"]
ROLE = Path(settings.BASE_DIR) / "ansible" / "roles" / "jenkins"
# Set by Jenkins itself.
BUILT_IN = {"BRANCH_NAME", "BUILD_NUMBER", "BUILD_URL", "WORKSPACE"}
# BUILD is set by the Jenkinsfile; the others are the same on every server.
NOT_A_PLACE = {"BUILD", "BUILDER", "DATASET"}


def stage(name: str) -> str:
    return TEXT.split(f"stage('{name}')")[1].split("stage('")[0]


def closing(text: str) -> str:
    """Return the post section of the whole pipeline."""
    return text.split("\n    post {")[1].split("\n}")[0]


def set_by_the_role() -> set[str]:
    template = (ROLE / "templates" / "jenkins.yaml.j2").read_text(encoding="utf-8")
    return set(re.findall(r"key: (\w+)", template))


def test_the_stages_come_in_order():
    assert [name.replace(" ", "-") for name in STAGE.findall(TEXT)] == STAGES


@pytest.mark.parametrize("step", steps(), ids=lambda step: step.command)
def test_every_sh_step_is_a_make_target(step):
    target = re.fullmatch(r'make (?:-s )?("\$CHECK_TARGET"|[a-z-]+)', step.command)
    assert target
    assert target[1] == '"$CHECK_TARGET"' or target[1] in TARGETS


def test_steps_finds_every_sh_step():
    assert len(steps()) == len(re.findall(r"\bsh\b[ (]", re.sub(r"//.*", "", TEXT)))


def test_the_default_check_target_is_the_whole_check():
    assert "name: 'CHECK_TARGET', defaultValue: 'check'" in TEXT


@pytest.mark.parametrize("name", ["Deploy", "Smoke test"])
def test_a_deploy_that_does_not_succeed_is_rolled_back(name):
    assert commands_of(f"{name}, afterwards") == ["make undo-deploy"]
    assert "unsuccessful {" in stage(name)


@pytest.mark.parametrize("name", ["Deploy", "Smoke test"])
def test_a_timeout_ends_the_deploy_and_not_its_rollback(name):
    """A timeout among the stage's options would end its post section, too."""
    assert "options {" not in stage(name)
    assert stage(name).count("timeout(") == 2


def test_every_stage_that_runs_something_has_a_timeout():
    without = [name for name in STAGE.findall(TEXT) if "timeout(" not in stage(name)]
    assert without == ["Model", "Release"]


def test_the_stages_time_out_before_the_pipeline_does():
    minutes = [int(each) for each in re.findall(r"timeout\(time: (\d+), unit: 'MINUTES'\)", TEXT)]
    hours = re.search(r"timeout\(time: (\d+), unit: 'HOURS'\)", TEXT)
    assert sum(minutes) < 60 * int(hours[1])


def test_builds_never_deploy_concurrently():
    assert "disableConcurrentBuilds()" in TEXT
    assert "numExecutors: 1\n" in (ROLE / "templates" / "jenkins.yaml.j2").read_text()


@pytest.mark.parametrize("name", MAIN_ONLY)
def test_only_main_writes_outside_the_workspace(name):
    assert re.search(r"when \{\s+branch 'main'\s", stage(name))


def test_only_main_has_the_training_history():
    expression = re.search(r'VAR_DIR = "\$\{(.*)\}"', TEXT)[1]
    assert expression == "env.BRANCH_NAME == 'main' ? env.TRAINING_HISTORY : env.WORKSPACE + '/var'"


def test_the_role_sets_every_make_variable_that_names_a_place():
    text = "\n".join(path.read_text() for path in MAKEFILES[1:])
    variables = re.findall(r"^(\w+) \?=", text, re.M)
    assert {"IMAGE", "INVENTORY", "SITE_URL"} <= set(variables)
    assert set(variables) - NOT_A_PLACE <= set_by_the_role()


def test_the_role_sets_every_variable_that_the_jenkinsfile_reads():
    own = set(re.findall(r"^ {8}(\w+) = ", TEXT, re.M))
    assert set(re.findall(r"env\.([A-Z_]+)", TEXT)) - own - BUILT_IN <= set_by_the_role()


def test_every_secret_is_bound_as_a_credential():
    assert set(re.findall(r"(\w+) = credentials\(", TEXT)) == {
        "DVC_REMOTE_URL",
        "REGISTRY_LOGIN",
        "ANSIBLE_PRIVATE_KEY_FILE",
        "ANSIBLE_VAULT_PASSWORD_FILE",
    }
    bound = re.findall(r"(?:v|usernameV|passwordV)ariable: '(\w+)'", TEXT)
    assert bound == ["VAULT_TOKEN", "REGISTRY_LOGIN_USR", "REGISTRY_LOGIN_PSW"]
    assert "withCredentials(deployCredentials()) { sh 'make deploy' }" in stage("Deploy")


def test_every_credential_is_named_in_the_roles_readme():
    names = re.findall(r"credentials\('([\w-]+)'\)", TEXT)
    readme = (ROLE / "README.md").read_text(encoding="utf-8")
    assert [name for name in [*names, "vault-token"] if f"`{name}`" not in readme] == []


@pytest.mark.parametrize("outcome", ["success", "unsuccessful"])
def test_the_build_report_is_mailed(outcome):
    block = closing(TEXT).split(f" {outcome} {{")[1].split("\n        }")[0]
    assert "mail to: env.MAIL_TO, body: report()" in block
    assert "env.BRANCH_NAME" in block


def test_a_failed_checkout_mails_no_report_of_the_previous_build():
    steps_of_checkout = stage("Checkout").split("steps {")[1]
    assert steps_of_checkout.index("dir('var/build') { deleteDir() }") < steps_of_checkout.index(
        "scm"
    )
    assert "if (fileExists('var/build/commit.txt'))" in closing(TEXT)
    assert "fileExists(path) ? readFile(path) :" in TEXT


def test_every_plugin_is_pinned():
    defaults = yaml.safe_load((ROLE / "defaults" / "main.yml").read_text(encoding="utf-8"))
    names, versions = zip(
        *(plugin.split(":") for plugin in defaults["jenkins_plugins"]), strict=True
    )
    assert all(re.match(r"\d", version) for version in versions)
    # At least the plugins of the steps that the Jenkinsfile and the configuration use.
    assert {
        "configuration-as-code",
        "credentials-binding",  # withCredentials
        "git",  # checkout
        "job-dsl",  # multibranchPipelineJob
        "mailer",  # mail
        "pipeline-model-definition",  # pipeline
        "plain-credentials",  # string, file
        "ssh-credentials",
        "timestamper",  # timestamps
        "workflow-basic-steps",  # dir, deleteDir, fileExists, readFile, timeout
        "workflow-durable-task-step",  # sh
        "workflow-multibranch",  # branch
    } <= set(names)
    assert "--latest false" in (ROLE / "tasks" / "plugins.yml").read_text(encoding="utf-8")
