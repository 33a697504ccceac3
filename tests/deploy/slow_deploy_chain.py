"""One model's story: deployed, taken back by a person, shipped again, and its builds undone.

The playbooks and the migrations are the real ones, on a site of its own; kubectl is a stand-in.
"""

import json
import shutil
import subprocess
import sys

import pytest
from django.conf import settings

from mlmodel.sentiment.io.model_folder import folder_checksum
from tests.deploy.slow_ansible_deploy import Cluster

sys.path.insert(0, str(settings.BASE_DIR / "scripts"))
import local_site

PYTHON = local_site.BIN / "python"


class Site:
    """What the cluster would run: a database, and one instance that is restarted by each deploy."""

    def __init__(self, folder, models) -> None:
        self.cluster, self.models = Cluster(folder), models
        self.environment = local_site.prepare(folder)
        told = {
            "environment": self.environment,
            "python": str(PYTHON),
            "folder": str(settings.BASE_DIR),
            "models": {build: str(model) for build, model in models.items()},
        }
        (self.cluster.state / "site.json").write_text(json.dumps(told))

    def manage(self, *words: str) -> str:
        command = [PYTHON, "manage.py", *words]
        done = subprocess.run(
            command, cwd=settings.BASE_DIR, env=self.environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def champion(self) -> str:
        code = "from mlmodel.models import Release; print(Release.objects.champion().checksum)"
        return self.manage("shell", "--verbosity=0", "--command", code).strip()

    def smoke_test(self, build: str) -> subprocess.CompletedProcess[str]:
        environment = self.environment | {"PRETRAINED_MODEL": str(self.models[build])}
        instance = local_site.Instance(environment)
        command = [PYTHON, "scripts/smoke_test.py", f"http://127.0.0.1:{instance.port}"]
        command += ["--checksum", folder_checksum(self.models[build])]
        command += ["--deployed", str(self.cluster.told)]
        try:
            return subprocess.run(command, cwd=settings.BASE_DIR, capture_output=True, text=True)
        finally:
            instance.stop()


@pytest.fixture(scope="module")
def two_models(tmp_path_factory):
    """The one that the repository ships, and the same in other bytes."""
    folder = tmp_path_factory.mktemp("models")
    models = [folder / name for name in ("one", "two")]
    for model in models:
        shutil.copytree(settings.PRETRAINED_MODEL, model)
    with (models[1] / "data" / "sentiment" / "reference.json").open("a") as stream:
        stream.write("\n")
    return models


@pytest.fixture(scope="module")
def site(tmp_path_factory, two_models):
    """Build 1 brought one model; builds 2, 3 and 4 another."""
    builds = dict(zip(("build-1", "build-2", "build-3", "build-4"), [0, 1, 1, 1], strict=True))
    models = {build: two_models[number] for build, number in builds.items()}
    made = Site(tmp_path_factory.mktemp("site"), models)
    for build in ("build-1", "build-2"):
        rc, output = made.cluster.deploy(build)
        assert rc == 0, output[-3000:]
    return made


@pytest.fixture(scope="module")
def taken_back(site):
    """A person found model two bad; then build 3 came, with other code and the same model."""
    before = site.smoke_test("build-2")
    assert before.returncode == 0, before.stderr
    site.manage("rollback", "--by", "ana")
    rc, output = site.cluster.deploy("build-3")
    assert rc == 0, output[-3000:]
    return site


def test_a_build_whose_model_was_taken_back_passes_the_smoke_test(taken_back, two_models):
    done = taken_back.smoke_test("build-3")
    assert done.returncode == 0, done.stderr
    assert "does not serve the model that was built" in done.stdout
    assert "was replaced by ana" in done.stdout
    assert taken_back.champion() == folder_checksum(two_models[0])


def test_a_deploy_that_fails_and_is_undone_does_not_bring_it_back(taken_back, two_models):
    taken_back.cluster.break_builds(build_4="site")
    rc, output = taken_back.cluster.deploy("build-4")
    assert rc != 0
    assert "build-4 is not live, build-3 is." in output
    assert taken_back.champion() == folder_checksum(two_models[0])


def test_neither_does_undoing_the_build_that_is_live(taken_back, two_models):
    rc, output = taken_back.cluster.play("rollback.yml", rollback_from="build-3")
    assert rc == 0, output[-3000:]
    assert taken_back.cluster.live == "build-2"
    assert taken_back.champion() == folder_checksum(two_models[0])
