"""Predictions on a Dask cluster of other processes."""

import os
import subprocess
import sys
from functools import partial
from itertools import islice

import pytest
from django.conf import settings

pytest.importorskip("distributed")

from mlmodel.sentiment.errors import ModelUnavailable
from mlmodel.sentiment.io import batches
from mlmodel.sentiment.io.model_folder import folder_checksum
from mlmodel.training import dask_cluster
from mlmodel.training.dask_cluster import ClusterLost, connect, on_worker, read_batches
from tests.support import free_port, running

FOLDER = settings.PRETRAINED_MODEL


@pytest.fixture
def address(tmp_path):
    """A scheduler and a worker that know the code, and have no model on their disk."""
    port = free_port()
    address = f"tcp://127.0.0.1:{port}"
    environment = os.environ | {"PYTHONPATH": str(settings.BASE_DIR)}
    start = partial(running, cwd=tmp_path, env=environment, stderr=subprocess.DEVNULL)
    dask = (sys.executable, "-m", "dask")
    with (
        start(*dask, "scheduler", "--host", "127.0.0.1", "--port", str(port)) as scheduler,
        start(*dask, "worker", address, "--nthreads", "1", "--no-nanny") as worker,
    ):
        yield address, (scheduler, worker)


def read(client, n_batches, texts=("A wonderful film.", "Dreadful, dull and stupid.")):
    same = [list(texts)] * n_batches
    return read_batches(client, FOLDER, folder_checksum(FOLDER), same, lambda batch: batch)


def test_a_cluster_predicts_the_same_as_this_process(address, scorer):
    with connect(address[0]) as client:
        results = list(read(client, 5))
    assert len(results) == 5
    for texts, predictions in results:
        assert predictions == scorer.predict_many(texts)


@pytest.mark.parametrize("lost", [0, 1], ids=["the scheduler", "its only worker"])
def test_losing_the_cluster_in_between_is_a_cluster_lost_error(address, lost, monkeypatch):
    monkeypatch.setattr(dask_cluster, "WORKER_TIMEOUT_S", 1)

    def read_and_lose():
        with connect(address[0]) as client:
            results = read(client, 10_000)
            yield from islice(results, 2)
            address[1][lost].kill()
            yield from results

    with pytest.raises(ClusterLost):
        list(read_and_lose())


def test_a_packed_model_is_loaded_once(scorer, monkeypatch):
    checksum = folder_checksum(FOLDER)
    packed = batches.pack_model(FOLDER)
    first = batches.predict_packed(packed, checksum, ["A wonderful film."])
    monkeypatch.setattr(batches, "load_scorer", None)
    assert batches.predict_packed(packed, checksum, ["A wonderful film."]) == first
    assert first == scorer.predict_many(["A wonderful film."])


def test_a_packed_model_with_another_checksum_is_refused(monkeypatch):
    with pytest.raises(ModelUnavailable, match="checksum"):
        batches.predict_packed(batches.pack_model(FOLDER), "0" * 64, ["Good."])


def test_an_error_on_a_worker_is_raised_here(address):
    with connect(address[0]) as client, pytest.raises(ValueError, match="invalid literal"):
        on_worker(client, int)("one")
