"""A killed process or a full disk leaves the old state or the new one, never half of it."""

import json
import os
import signal
import sys

import pytest
from django.conf import settings

from mlmodel.tests.forks import DATASET_POINTS, STORE, TRAIN_POINTS
from tests.support import run


def run_scenario(scenario, folder, *before):
    own = {
        "DEBUG": "true",
        "SECRET_KEY": "only-for-tests",
        "DOTENV": os.devnull,
        "DJANGO_SETTINGS_MODULE": "rottenpotatoes.settings",
        "DATABASE_URL": f"sqlite:///{folder}/var/site.sqlite3",
        "VAR_DIR": f"{folder}/var",
        "DATA_DIR": str(folder),
        "TMPDIR": str(folder),
        "OMP_NUM_THREADS": "1",
        "PRETRAINED_MODEL": str(folder / "none"),
    }
    unset = ("MODEL_STORE", "MLFLOW_TRACKING_URI", "MLFLOW_ARTIFACTS")
    env = {name: value for name, value in os.environ.items() if name not in unset} | own
    command = (*before, sys.executable, "-m", "mlmodel.tests.forks", scenario, folder)
    done = run(*command, cwd=settings.BASE_DIR, env=env)
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def trainings(tmp_path_factory):
    return run_scenario("train", tmp_path_factory.mktemp("trainings"))


@pytest.fixture(scope="module")
def builds(tmp_path_factory):
    return run_scenario("dataset", tmp_path_factory.mktemp("builds"))


@pytest.mark.parametrize("point", [point for point in TRAIN_POINTS if point != STORE])
def test_a_killed_training_leaves_a_usable_site(point, trainings):
    left = trainings[point]
    assert left["signal"] == signal.SIGKILL
    assert left["champion"] == "1"
    assert left["broken"] == []
    assert left["loadable"] == left["versions"]  # every registered version can be served


def test_a_training_killed_while_creating_the_store_leaves_no_store(trainings):
    assert trainings[STORE]["signal"] == signal.SIGKILL
    assert not trainings[STORE]["store"]


def test_two_first_trainings_at_once_create_one_store_and_two_versions(trainings):
    together = trainings["together"]
    assert sorted(together["versions"]) == sorted(together["loadable"]) == ["1", "2"]
    assert (together["broken"], together["runs"]) == ([], {"FINISHED": 2})


def test_the_training_after_killed_ones_succeeds_and_closes_their_runs(trainings):
    afterwards = trainings["afterwards"]
    assert len(afterwards["versions"]) == len(trainings["the alias is set"]["versions"]) + 1
    n_killed = len(TRAIN_POINTS) - 1  # the first one had no store yet
    assert (afterwards["broken"], afterwards["runs"]) == ([], {"FINISHED": 3, "KILLED": n_killed})


def test_a_full_disk_is_a_one_sentence_error_and_leaves_the_old_state(tmp_path):
    own_mounts = ("unshare", "--map-root-user", "--mount")
    probe = run(*own_mounts, "mount", "-t", "tmpfs", "none", tmp_path, check=False)
    if probe.returncode:
        pytest.skip("this machine lets nobody mount a small disk")
    *refused, last = run_scenario("full", tmp_path, *own_mounts)
    for left in refused:
        assert "the disk is full" in left["error"]
        assert len(left["error"]) < 200
        assert (left["champion"], left["versions"], left["broken"]) == ("1", ["1"], [])
    assert (len(last["versions"]), last["broken"]) == (2, [])
    assert "RUNNING" not in last["runs"]


@pytest.mark.parametrize("point", DATASET_POINTS)
def test_a_killed_build_leaves_the_old_or_the_new_dataset(point, builds):
    left = builds[point]
    assert left["signal"] == signal.SIGKILL
    # Between rows and record, the new rows have no version number yet.
    assert (left["version"], left["rows"]) in [("1", 20), ("train", 40), ("2", 40)]


def test_the_build_after_killed_ones_succeeds_and_removes_their_files(builds):
    files = ["full_dataset.csv", "report.md", "train.csv", "train.json"]
    assert builds["afterwards"] == {"rows": 40, "version": "2", "files": files}
