"""Texts read on a Dask cluster of other processes."""

import os
import signal
import subprocess
import sys
from itertools import islice

import pytest
from django.conf import settings

pytest.importorskip("distributed")

from mlmodel.sentiment.errors import ModelUnavailable
from mlmodel.sentiment.io import batches as reading
from mlmodel.sentiment.io.model_folder import folder_checksum
from mlmodel.training import dask_cluster
from mlmodel.training.dask_cluster import ClusterLost, connect, read_batches, run_each
from tests.support import free_port

FOLDER = settings.PRETRAINED_MODEL


@pytest.fixture
def address(tmp_path):
    """A scheduler and a worker that know the code, and have no model on their disk."""
    port = free_port()
    address = f"tcp://127.0.0.1:{port}"
    environment = os.environ | {"PYTHONPATH": str(settings.BASE_DIR)}

    def start(*command):
        return subprocess.Popen(
            [sys.executable, "-m", "dask", *command, "--no-dashboard"],
            cwd=tmp_path,
            env=environment,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    running = [
        start("scheduler", "--host", "127.0.0.1", "--port", str(port)),
        start("worker", address, "--nthreads", "1"),
    ]
    yield address, running
    for process in running:
        kill(process)
        process.wait()


def kill(process):
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)


def read(client, n_batches, texts=("A wonderful film.", "Dreadful, dull and stupid.")):
    batches = [list(texts)] * n_batches
    return read_batches(client, FOLDER, folder_checksum(FOLDER), batches, lambda batch: batch)


def test_a_cluster_reads_as_this_process_does(address, scorer):
    with connect(address[0]) as client:
        readings = list(read(client, 5))
    assert len(readings) == 5
    for texts, predictions in readings:
        assert predictions == scorer.predict_many(texts)


@pytest.mark.parametrize("lost", [0, 1], ids=["the scheduler", "its only worker"])
def test_a_cluster_that_is_lost_on_the_way_is_one_error(address, lost, monkeypatch):
    monkeypatch.setattr(dask_cluster, "PATIENCE_S", 1)

    def read_and_lose():
        with connect(address[0]) as client:
            readings = read(client, 10_000)
            yield from islice(readings, 2)
            kill(address[1][lost])
            yield from readings

    with pytest.raises(ClusterLost):
        list(read_and_lose())


def test_nobody_at_the_address_is_one_error(monkeypatch):
    monkeypatch.setattr(dask_cluster, "CONNECT_S", 1)
    with pytest.raises(ClusterLost, match="no Dask cluster answers"):
        connect("tcp://127.0.0.1:1").__enter__()


def test_a_packed_model_is_loaded_once(scorer, monkeypatch):
    checksum = folder_checksum(FOLDER)
    packed = reading.pack_model(FOLDER)
    first = reading.predict_packed(packed, checksum, ["A wonderful film."])
    monkeypatch.setattr(reading, "load_scorer", None)
    assert reading.predict_packed(packed, checksum, ["A wonderful film."]) == first
    assert first == scorer.predict_many(["A wonderful film."])


def test_a_model_that_arrives_damaged_is_refused(monkeypatch):
    with pytest.raises(ModelUnavailable, match="checksum"):
        reading.predict_packed(reading.pack_model(FOLDER), "0" * 64, ["Good."])


def test_tasks_are_asked_for_when_a_worker_is_free(address):
    ended = []

    def tasks():
        for number in range(3):
            ended_before_asking.append(len(ended))
            yield number

    ended_before_asking = []
    with connect(address[0]) as client:
        for number, result in run_each(client, pow, 2, tasks(), lambda number: number):
            ended.append((number, result()))
    assert ended == [(0, 1), (1, 2), (2, 4)]
    assert ended_before_asking == [0, 1, 2]


def test_what_a_task_raises_is_raised_here(address):
    with connect(address[0]) as client:
        ((_, result),) = run_each(client, divmod, 1, [0], lambda number: number)
        with pytest.raises(ZeroDivisionError):
            result()
