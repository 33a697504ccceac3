import re
from pathlib import Path

import pytest
import yaml
from django.conf import settings

from tests.deploy.jenkins_steps import JENKINSFILE, STAGE, commands_of, steps
from tests.support import run

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
    "Approval",
    "Release",
    "Deploy",
    "Smoke-test",
    "Backup",
]
# Stages that only the branch main may run.
MAIN_ONLY = ["Build", "Scan", "Push", "Approval", "Release", "Backup"]
ROLE = Path(settings.BASE_DIR) / "ansible" / "roles" / "jenkins"
# Set by Jenkins itself.
BUILT_IN = {"BRANCH_NAME", "BUILD_NUMBER", "BUILD_URL", "JOB_NAME", "WORKSPACE"}
# BUILD is set by the Jenkinsfile; the others are the same on every server.
NOT_A_PLACE = {"BUILD", "BUILDER", "DATASET", "PROFILE"}


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
    folder = "env.BRANCH_NAME == 'main' ? env.TRAINING_HISTORY : env.WORKSPACE + '/var'"
    assert expression == f"({folder}) ?: ''"  # without TRAINING_HISTORY not a folder named null


def test_the_role_sets_every_make_variable_that_names_a_place():
    text = "\n".join(path.read_text() for path in MAKEFILES[1:])
    variables = re.findall(r"^(\w+) \?=", text, re.M)
    assert {"IMAGE", "INVENTORY", "SITE_URL"} <= set(variables)
    assert set(variables) - NOT_A_PLACE <= set_by_the_role()


def test_the_role_sets_every_variable_that_the_jenkinsfile_reads():
    own = set(re.findall(r"^ {8}(\w+) = ", TEXT, re.M))
    read = set(re.findall(r"(?:env\.|environment name: ')([A-Z_]+)", TEXT))
    assert {"APPROVE_DEPLOY", "DEPLOY_APPROVERS"} <= read
    assert read - own - BUILT_IN <= set_by_the_role()


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


def test_the_environment_is_checked_before_anything_is_built():
    assert commands_of("Checkout") == ["make check-jenkins", "make clean-build"]


def test_no_method_is_called_on_an_image_that_is_not_set():
    assert len(re.findall(r"env\.IMAGE\?\.", TEXT)) == len(re.findall(r"env\.IMAGE\b", TEXT)) == 2


def condition(name: str) -> str:
    """Return the steps of a condition in the pipeline's post section."""
    return closing(TEXT).split(f" {name} {{")[1].split("\n        }")[0]


def test_a_build_is_mailed_if_it_fails_and_not_if_it_succeeds():
    conditions = re.findall(r"^ {8}(\w+) \{", closing(TEXT), re.M)
    assert conditions == ["always", "unsuccessful", "changed"]
    assert "mailReport(currentBuild.currentResult)" in condition("unsuccessful")
    assert "mail" not in condition("always")


def test_the_first_success_after_another_result_is_mailed():
    assert re.search(
        r"if \(currentBuild.currentResult == 'SUCCESS' && currentBuild.previousCompletedBuild\) \{"
        r"\s+mailReport\('works again'\)",
        condition("changed"),
    )


def test_the_mail_has_the_report_and_names_build_and_branch():
    function = TEXT.split("void mailReport(String outcome) {")[1].split("\n}")[0]
    assert "if (env.MAIL_TO) {" in function
    assert "mail to: env.MAIL_TO, body: report()" in function
    assert "${env.BUILD} of ${env.BRANCH_NAME ?: env.JOB_NAME}: ${outcome}" in function
    assert len(re.findall(r"\bmail to:", TEXT)) == 1


def test_a_deploy_waits_for_an_approver_for_a_limited_time():
    approval = stage("Approval")
    assert "environment name: 'APPROVE_DEPLOY', value: 'true'" in approval
    assert re.search(
        r"timeout\(time: 120, unit: 'MINUTES'\) \{\s+input .*submitter: env.DEPLOY_APPROVERS",
        approval,
    )
    assert approval.index("mailReport(") < approval.index("input ")


def test_deploys_need_no_approval_by_default():
    defaults = yaml.safe_load((ROLE / "defaults" / "main.yml").read_text(encoding="utf-8"))
    assert defaults["jenkins_approve_deploy"] is False


def test_junit_reads_the_folder_to_which_the_tests_write():
    folder = re.search(r"JUNIT_DIR = '(.+)'", TEXT)[1]
    assert f"always {{ junit testResults: '{folder}/*.xml', allowEmptyResults: true }}" in stage(
        "Check"
    )


def junit_files(target: str, *variables: str) -> list[str]:
    done = ("--assume-old=.venv/.runtime-installed", "--assume-old=.venv/.tools-installed")
    command = ["make", "--dry-run", *done, target, *variables]
    environment = {"PATH": "/usr/bin:/bin"}
    commands = run(*command, cwd=settings.BASE_DIR, env=environment).stdout
    assert "-m pytest" in commands
    return re.findall(r'--junitxml="([^"]+)"', commands)


def test_each_run_of_the_tests_has_its_own_junit_file():
    files = junit_files("coverage", "JUNIT_DIR=results")
    assert files == ["results/test-postgres.xml", "results/test-sqlite.xml"]


def test_tests_write_no_junit_file_on_a_laptop():
    assert junit_files("coverage") == []


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
        "junit",
        "mailer",  # mail
        "pipeline-input-step",  # input
        "pipeline-model-definition",  # pipeline
        "plain-credentials",  # string, file
        "ssh-credentials",
        "timestamper",  # timestamps
        "workflow-basic-steps",  # dir, deleteDir, fileExists, readFile, timeout
        "workflow-durable-task-step",  # sh
        "workflow-multibranch",  # branch
    } <= set(names)
    assert "--latest false" in (ROLE / "tasks" / "plugins.yml").read_text(encoding="utf-8")
