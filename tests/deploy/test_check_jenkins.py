"""`make check-jenkins`, the first step of the pipeline, with the environment of a Jenkins."""

import pytest
from django.conf import settings

from tests.support import run

COMPLETE = {
    "PATH": "/usr/bin:/bin",
    "BRANCH_NAME": "main",
    "IMAGE": "registry.example/potatoes",
    "TRAINING_HISTORY": "/var/lib/jenkins/rotten-potatoes",
    "BACKUP_DIR": "/var/backups/rotten-potatoes",
    "INVENTORY": "inventory/minikube",
    "SITE_URL": "https://potatoes.example",
    "MAIL_TO": "crew@potatoes.example",
    "APPROVE_DEPLOY": "false",
}


@pytest.fixture
def check(tmp_path):
    def check(environment):
        command = ("make", "-s", "check-jenkins", f"BUILD_DIR={tmp_path}")
        return run(*command, cwd=settings.BASE_DIR, env=environment, check=False)

    return check


def without(*names):
    return {name: value for name, value in COMPLETE.items() if name not in names}


def test_a_complete_environment_passes(check, tmp_path):
    done = check(COMPLETE)
    assert (done.returncode, done.stderr) == (0, "")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", sorted(COMPLETE.keys() - {"PATH", "APPROVE_DEPLOY"}))
def test_a_missing_variable_stops_the_build_with_a_sentence(check, name):
    for environment in (without(name), COMPLETE | {name: ""}):
        done = check(environment)
        assert done.returncode
        [line] = [line for line in done.stderr.splitlines() if line.startswith("- ")]
        assert line.startswith(f"- {name} is not set")


def test_a_job_that_is_not_multibranch_is_named_as_the_reason(check):
    assert "this job is not a multibranch pipeline" in check(without("BRANCH_NAME")).stderr


def test_a_branch_needs_no_destinations(check):
    few = {name: COMPLETE[name] for name in ("PATH", "MAIL_TO")}
    assert check(few | {"BRANCH_NAME": "search"}).returncode == 0


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"TRAINING_HISTORY": "null"}, "TRAINING_HISTORY is 'null', which is deleted with the"),
        ({"INVENTORY": "inventory/x"}, "there is no ansible/inventory/x"),
        ({"SITE_URL": "potatoes.example"}, "Begin it with http:// or https://"),
        ({"APPROVE_DEPLOY": "yes"}, "APPROVE_DEPLOY is 'yes'. Set it to true or false."),
        ({"APPROVE_DEPLOY": "true"}, "DEPLOY_APPROVERS is not set"),
    ],
)
def test_a_variable_that_makes_no_sense_stops_the_build(check, variables, sentence):
    done = check(COMPLETE | variables)
    assert done.returncode
    assert sentence in done.stderr


def test_the_mail_of_a_stopped_build_has_the_sentences_and_the_log(check, tmp_path):
    check(without("IMAGE", "SITE_URL") | {"BUILD_URL": "https://ci.example/7/"})
    report = (tmp_path / "report.txt").read_text()
    assert "- IMAGE is not set" in report
    assert "- SITE_URL is not set" in report
    assert "Log: https://ci.example/7/" in report
