"""The decisions of the pipeline's scripts."""

import json
import subprocess

import pytest
from django.conf import settings

from scripts.ci import build_report, smoke_test
from tests.support import add_program, run


class FakeSite:
    """A site with canned answers."""

    def __init__(self, **answers) -> None:
        self.answers = {"home": "Rotten Potatoes", "labels": ["positive", "negative"]} | answers

    def get(self, path, body=None):
        return self.answers["home"]

    def get_json(self, path, body=None):
        if "predict" in path:
            return {"predictions": [{"label": label} for label in self.answers["labels"]]}
        return {"checksum": "a" * 64, "status": "ok"}


def test_wrong_predictions_fail_the_smoke_test():
    site = FakeSite(labels=["negative", "negative"])
    assert (
        "['negative', 'negative']" in smoke_test.failures(site, [smoke_test.check_predictions])[0]
    )


def test_another_model_than_the_one_built_fails_the_smoke_test():
    with pytest.raises(
        smoke_test.CheckFailed, match="model aaaaaaaaaaaa, but bbbbbbbbbbbb was built"
    ):
        smoke_test.check_model(FakeSite(), "b" * 64)


@pytest.fixture
def result_file(tmp_path):
    """The result of a deploy that shipped model b and kept a as the champion."""
    result = {"shipped": "b" * 64, "champion": "a" * 64, "message": "a stays champion"}
    (tmp_path / "deployed.json").write_text(json.dumps(result))
    return str(tmp_path / "deployed.json")


def test_a_model_that_the_deploy_kept_passes_the_smoke_test(result_file):
    kept, reason = smoke_test.champion_kept("b" * 64, result_file)
    smoke_test.check_model(FakeSite(), "b" * 64, kept)
    assert reason == "a stays champion"


def test_the_smoke_test_ignores_the_result_of_an_earlier_deploy(result_file):
    assert smoke_test.champion_kept("c" * 64, result_file) == ("", "")


def test_without_a_deploy_the_smoke_test_requires_the_model_that_was_built(tmp_path):
    assert smoke_test.champion_kept("b" * 64, str(tmp_path / "missing.json")) == ("", "")


@pytest.mark.parametrize("content", ["", "null", '{"shipped": "b"}'])
def test_an_incomplete_deploy_result_fails_the_smoke_test(tmp_path, content):
    (tmp_path / "deployed.json").write_text(content)
    with pytest.raises(SystemExit, match="is not the result of a deploy"):
        smoke_test.champion_kept("b" * 64, str(tmp_path / "deployed.json"))


def test_a_model_that_the_deploy_did_not_keep_fails_the_smoke_test():
    with pytest.raises(smoke_test.CheckFailed, match="but the deploy kept cccccccccccc"):
        smoke_test.check_model(FakeSite(), "b" * 64, "c" * 64)


def test_an_unexpected_answer_is_reported_by_the_smoke_test():
    assert smoke_test.failures(FakeSite(labels=None), [smoke_test.check_predictions])


def test_the_build_report_contains_every_line_of_the_gate(tmp_path):
    line = {"name": "accuracy", "verdict": "refused", "why": "below the floor", "challenger": 0.81}
    gate = {"version": "8", "against": "7", "profile": "release", "lines": [line]}
    (tmp_path / "gate.json").write_text(json.dumps(gate))
    report = build_report.report(tmp_path)
    assert "Release 8 against 7" in report
    assert "refused  accuracy" in report
    assert "challenger 0.8100" in report


def push(image: str, folder) -> subprocess.CompletedProcess:
    add_program(folder / "docker", f'echo "$@" >> {folder}/calls')
    path = {"PATH": f"{folder}:/usr/bin:/bin"}
    return run(
        "scripts/ci/push-image", image, "build-7", cwd=settings.BASE_DIR, env=path, check=False
    )


@pytest.mark.parametrize("image", ["rotten-potatoes", "potatoes/rotten-potatoes"])
def test_an_image_without_a_registry_is_not_pushed(image, tmp_path):
    done = push(image, tmp_path)
    assert done.returncode == 1
    assert f"IMAGE={image} names no registry" in done.stderr
    assert not (tmp_path / "calls").exists()


@pytest.mark.parametrize("registry", ["registry.example", "localhost", "registry:5000"])
def test_an_image_with_a_registry_is_pushed(registry, tmp_path):
    assert push(f"{registry}/potatoes", tmp_path).returncode == 0
    assert f"push --quiet {registry}/potatoes:build-7" in (tmp_path / "calls").read_text()


def commands_for(target: str, *variables: str) -> str:
    command = ["make", "--dry-run", "--assume-old=.venv-deploy/.installed", target, *variables]
    return run(*command, cwd=settings.BASE_DIR, env={"PATH": "/usr/bin:/bin"}).stdout


def test_make_deploy_passes_image_and_build_to_the_playbook():
    commands = commands_for("deploy", "IMAGE=registry.example/potatoes", "BUILD=build-7")
    assert 'deploy_build="build-7" -e deploy_image="registry.example/potatoes"' in commands


def test_without_an_image_make_deploy_leaves_it_to_the_inventory():
    assert "deploy_image" not in commands_for("deploy", "BUILD=build-7")


@pytest.mark.parametrize(
    ("images", "code"),
    [(("clean", "clean"), 0), (("vulnerable", "clean"), 1), (("clean", "vulnerable"), 1)],
)
def test_both_images_are_scanned_and_a_vulnerability_in_either_fails(images, code, tmp_path):
    trivy = 'echo "$@" >>"$0.calls"\ncase $* in *vulnerable*) exit 1 ;; esac'
    add_program(tmp_path / "trivy", trivy)
    scan, path = settings.BASE_DIR / "scripts/ci/scan-image", f"{tmp_path}:/usr/bin:/bin"
    assert run(scan, *images, env={"PATH": path}, check=False).returncode == code
    assert len((tmp_path / "trivy.calls").read_text().splitlines()) == 2


@pytest.mark.parametrize(
    ("address", "is_installed"),
    [("s3://bucket/dvc", True), ("ssh://host/dvc", True), ("/srv/dvc", False), ("", False)],
)
def test_packages_for_a_remote_are_installed_if_its_address_needs_them(
    address, is_installed, tmp_path
):
    for name in ("scripts/dev/install", ".venv/bin/dvc", ".venv/bin/python"):
        add_program(tmp_path / name, f'echo "{name} $*" >>calls')
    environment = {"PATH": "/usr/bin:/bin", "DVC_REMOTE_URL": address}
    run(settings.BASE_DIR / "scripts/ci/pull-data", cwd=tmp_path, env=environment)
    calls = (tmp_path / "calls").read_text().splitlines()
    assert ("scripts/dev/install requirements-remotes.txt" in calls) is is_installed
    assert calls[-1] == ".venv/bin/python manage.py dataset --pull"


def test_the_build_report_of_a_build_without_training_says_so(tmp_path):
    assert "No model was trained" in build_report.report(tmp_path)
