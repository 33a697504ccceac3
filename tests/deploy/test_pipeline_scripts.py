"""What the pipeline's small scripts decide."""

import importlib.util
import json
import subprocess

import pytest
from django.conf import settings


def script(name: str):
    spec = importlib.util.spec_from_file_location(
        name, settings.BASE_DIR / "scripts" / f"{name}.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def trained(tmp_path, monkeypatch):
    (tmp_path / "train.csv").write_text("review,sentiment\n")
    monkeypatch.setenv("VAR_DIR", str(tmp_path))
    monkeypatch.setenv("DATASET", str(tmp_path / "train.csv"))
    module = script("trained")
    told = {"version": "7", "fingerprint": module.fingerprint()}
    (tmp_path / "trained.json").write_text(json.dumps(told))
    return module


def test_the_same_data_and_code_need_no_training(trained, capsys):
    trained.unchanged()
    assert "since release 7" in capsys.readouterr().out


def test_other_data_needs_training(trained, tmp_path):
    (tmp_path / "train.csv").write_text("review,sentiment\nGood.,positive\n")
    with pytest.raises(SystemExit, match="changed since"):
        trained.unchanged()


def test_a_server_that_never_trained_trains(trained, tmp_path):
    (tmp_path / "trained.json").unlink()
    with pytest.raises(SystemExit, match="no model has passed the gate"):
        trained.unchanged()


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
    smoke = script("smoke_test")
    site = FakeSite(labels=["negative", "negative"])
    assert "['negative', 'negative']" in smoke.failures(site, [smoke.check_predictions])[0]


def test_another_model_than_the_one_built_fails_the_smoke_test():
    smoke = script("smoke_test")
    with pytest.raises(smoke.CheckFailed, match="model aaaaaaaaaaaa, but bbbbbbbbbbbb was built"):
        smoke.check_model(FakeSite(), "b" * 64)


@pytest.fixture
def result_file(tmp_path):
    """The result of a deploy that shipped model b and kept a as the champion."""
    result = {"shipped": "b" * 64, "champion": "a" * 64, "message": "a stays champion"}
    (tmp_path / "deployed.json").write_text(json.dumps(result))
    return str(tmp_path / "deployed.json")


def test_a_model_that_the_deploy_kept_passes_the_smoke_test(result_file):
    smoke = script("smoke_test")
    kept, reason = smoke.champion_kept("b" * 64, result_file)
    smoke.check_model(FakeSite(), "b" * 64, kept)
    assert reason == "a stays champion"


def test_the_smoke_test_ignores_the_result_of_an_earlier_deploy(result_file):
    assert script("smoke_test").champion_kept("c" * 64, result_file) == ("", "")


def test_without_a_deploy_the_smoke_test_requires_the_model_that_was_built(tmp_path):
    smoke = script("smoke_test")
    assert smoke.champion_kept("b" * 64, str(tmp_path / "missing.json")) == ("", "")


@pytest.mark.parametrize("content", ["", "null", '{"shipped": "b"}'])
def test_an_incomplete_deploy_result_fails_the_smoke_test(tmp_path, content):
    (tmp_path / "deployed.json").write_text(content)
    with pytest.raises(SystemExit, match="is not the result of a deploy"):
        script("smoke_test").champion_kept("b" * 64, str(tmp_path / "deployed.json"))


def test_a_model_that_the_deploy_did_not_keep_fails_the_smoke_test():
    smoke = script("smoke_test")
    with pytest.raises(smoke.CheckFailed, match="but the deploy kept cccccccccccc"):
        smoke.check_model(FakeSite(), "b" * 64, "c" * 64)


def test_an_unexpected_answer_is_reported_by_the_smoke_test():
    smoke = script("smoke_test")
    assert smoke.failures(FakeSite(labels=None), [smoke.check_predictions])


def test_the_mail_tells_every_line_of_the_gate(tmp_path):
    line = {"name": "accuracy", "verdict": "refused", "why": "below the floor", "challenger": 0.81}
    gate = {"version": "8", "against": "7", "floors": "full", "lines": [line]}
    (tmp_path / "gate.json").write_text(json.dumps(gate))
    told = script("build_report").report(tmp_path)
    assert "Release 8 against 7" in told
    assert "refused  accuracy" in told
    assert "challenger 0.8100" in told


def asked_to_push(image: str, folder) -> subprocess.CompletedProcess:
    docker = folder / "docker"
    docker.write_text(f'#!/bin/sh\necho "$@" >> {folder}/told\n')
    docker.chmod(0o755)
    return subprocess.run(
        ["scripts/push-image", image, "build-7"],
        cwd=settings.BASE_DIR,
        env={"PATH": f"{folder}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("image", ["rotten-potatoes", "potatoes/rotten-potatoes"])
def test_an_image_without_a_registry_is_pushed_nowhere(image, tmp_path):
    done = asked_to_push(image, tmp_path)
    assert done.returncode == 1
    assert f"IMAGE={image} names no registry" in done.stderr
    assert not (tmp_path / "told").exists()


@pytest.mark.parametrize("registry", ["registry.example", "localhost", "registry:5000"])
def test_both_images_are_pushed_as_the_build_and_as_the_commit(registry, tmp_path):
    assert asked_to_push(f"{registry}/potatoes", tmp_path).returncode == 0
    told = (tmp_path / "told").read_text().splitlines()
    assert [line.rsplit("/")[-1].rsplit(":")[0] for line in told] == [
        "potatoes",
        "potatoes",
        "potatoes-training",
        "potatoes-training",
    ]
    assert f"push --quiet {registry}/potatoes:build-7" in told


def commands_for(target: str, *variables: str) -> str:
    command = ["make", "--dry-run", "--assume-old=.venv-deploy/.installed", target, *variables]
    env = {"PATH": "/usr/bin:/bin"}
    return subprocess.run(
        command, cwd=settings.BASE_DIR, env=env, capture_output=True, text=True, check=True
    ).stdout


def test_what_was_pushed_is_what_is_deployed():
    told = commands_for("deploy", "IMAGE=registry.example/potatoes", "BUILD=build-7")
    assert 'deploy_build="build-7" -e deploy_image="registry.example/potatoes"' in told


def test_an_image_that_nobody_named_is_the_inventorys_business():
    assert "deploy_image" not in commands_for("deploy", "BUILD=build-7")


def test_a_weakness_of_either_image_fails_the_scan(tmp_path):
    trivy = tmp_path / "trivy"
    trivy.write_text('#!/bin/sh\necho "$@" >>"$0.told"\ncase $* in *weak*) exit 1 ;; esac\n')
    trivy.chmod(0o755)
    for images, expected in (
        (["sound", "sound"], 0),
        (["weak", "sound"], 1),
        (["sound", "weak"], 1),
    ):
        done = subprocess.run(
            [settings.BASE_DIR / "scripts" / "scan-image", *images],
            env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
        )
        assert done.returncode == expected
    assert len((tmp_path / "trivy.told").read_text().splitlines()) == 6


@pytest.mark.parametrize(
    ("address", "is_installed"),
    [("s3://bucket/dvc", True), ("ssh://host/dvc", True), ("/srv/dvc", False), ("", False)],
)
def test_what_a_remote_needs_is_installed_where_it_is_named(address, is_installed, tmp_path):
    for name in ("scripts/install", ".venv/bin/dvc"):
        stand_in = tmp_path / name
        stand_in.parent.mkdir(parents=True)
        stand_in.write_text(f'#!/bin/sh\necho "{name} $*" >>told\n')
        stand_in.chmod(0o755)
    command = [settings.BASE_DIR / "scripts" / "pull-data"]
    environment = {"PATH": "/usr/bin:/bin", "DVC_REMOTE_URL": address}
    subprocess.run(command, cwd=tmp_path, env=environment, check=True)
    told = (tmp_path / "told").read_text().splitlines()
    assert ("scripts/install requirements-remotes.txt" in told) is is_installed
    assert told[-1] == ".venv/bin/dvc pull --quiet data/train.csv"


def test_a_build_without_training_says_so(tmp_path):
    assert "No model was judged" in script("build_report").report(tmp_path)


def test_the_autoscalers_rule_is_that_of_kubernetes(monkeypatch):
    monkeypatch.syspath_prepend(str(settings.BASE_DIR / "scripts"))
    proof = script("scaling_proof")
    workers = proof.LocalWorkers("", None, target=0.05)
    told = []
    monkeypatch.setattr(workers, "tell", lambda signal, times: told.append((signal.name, times)))
    workers.scale(1, 0.4)
    for _ in range(proof.LocalWorkers.DOWN_AFTER):
        workers.scale(5, 0.0)
    assert told == [("SIGTTIN", 2), ("SIGTTOU", 1)]
