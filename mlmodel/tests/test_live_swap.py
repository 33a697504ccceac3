"""Real workers under load while the champion changes."""

import json
import re
import sys
import threading
import time
import urllib.request
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings

from mlmodel.lifecycle.releases import pretrained_name
from mlmodel.sentiment.io.loader import load_scorer
from mlmodel.sentiment.io.model_folder import folder_checksum
from mlmodel.tests.own_site import manage, site_with_champion
from tests.support import free_port, running, wait_for_url, wait_until

SWAP_S = 10
N_CLIENTS = 4
TEXT = "A wonderful, moving film with a clumsy, tedious end."


@pytest.fixture
def site(tmp_path, model_folders) -> dict[str, str]:
    return site_with_champion(tmp_path, model_folders[0])


@contextmanager
def workers(environment: dict[str, str], log: Path):
    port = free_port()
    environment = environment | {"BIND": f"127.0.0.1:{port}", "WEB_CONCURRENCY": "2"}
    command = [sys.executable, "-m", "gunicorn"]
    options = {"cwd": settings.BASE_DIR, "env": environment}
    with log.open("wb") as stream, running(*command, stdout=stream, stderr=stream, **options):
        wait_for_url(f"http://127.0.0.1:{port}/readyz")
        yield f"http://127.0.0.1:{port}"


def predict_until(stop: threading.Event, url: str) -> Counter[tuple[str, float]]:
    """Predict without a pause, and count the answers; any failure is raised."""
    answers: Counter[tuple[str, float]] = Counter()
    while not stop.is_set():
        # Two texts, to notice an answer that mixes two models.
        predictions = predict(url, [TEXT, TEXT])
        answers.update((one["model_version"], one["p_positive"]) for one in predictions)
    return answers


def predict(url: str, texts: list[str]) -> list[dict]:
    request = urllib.request.Request(
        f"{url}/api/v1/predict/",
        data=json.dumps({"texts": texts}).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer)["predictions"]


def test_workers_load_a_new_champion_under_load_without_failures(site, tmp_path, model_folders):
    versions = [pretrained_name(folder_checksum(folder)) for folder in model_folders]
    expected = {
        version: load_scorer(folder).predict(TEXT).p_positive
        for version, folder in zip(versions, model_folders, strict=True)
    }
    assert expected[versions[0]] != expected[versions[1]]
    log, stop = tmp_path / "gunicorn.log", threading.Event()
    with workers(site, log) as url, ThreadPoolExecutor(N_CLIENTS) as pool:
        clients = [pool.submit(predict_until, stop, url) for _ in range(N_CLIENTS)]
        try:
            time.sleep(1)
            manage(site | {"PRETRAINED_MODEL": str(model_folders[1])}, "promote", "pretrained")
            wait_until(lambda: len(loaded(log, versions[1])) == 2, SWAP_S)
            after = predict(url, [TEXT] * 50)
        finally:
            stop.set()
    answers = sum((client.result() for client in clients), Counter())
    assert set(answers) == set(expected.items())
    assert {one["model_version"] for one in after} == {versions[1]}


def loaded(log: Path, version: str) -> set[str]:
    return set(re.findall(rf"process (\d+) now serves release {version}", log.read_text()))
