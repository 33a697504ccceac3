"""Fixtures of the slow tests: a Docker engine, and a clone of the repository."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from tests.support import run, wait_until

ROOT = settings.BASE_DIR


@pytest.fixture(scope="session")
def engine(tmp_path_factory) -> Iterator[None]:
    folder = Path(os.environ.get("ENGINE_DIR") or tmp_path_factory.mktemp("engine"))
    exports = run(ROOT / "scripts" / "ci" / "start-dockerd", folder).stdout.splitlines()[-1]
    mine = dict(pair.split("=", 1) for pair in exports.removeprefix("export ").split())
    os.environ.update({name: value for name, value in mine.items() if value})
    yield
    pid = folder / "pid"
    if pid.exists() and "ENGINE_DIR" not in os.environ:
        run("kill", pid.read_text().strip())
        wait_until(lambda: not pid.exists())
        run("umount", folder / "exec" / "netns" / "default", check=False)


@pytest.fixture(scope="session")
def committed(tmp_path_factory) -> Path:
    """Return a clone of the repository, so that images contain only committed files."""
    folder = tmp_path_factory.mktemp("source") / "tree"
    run("git", "clone", "--quiet", ROOT, folder)
    return folder
