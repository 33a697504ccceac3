"""Rescoring in a process that is killed."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import pytest
from django.conf import settings


@pytest.fixture
def site(tmp_path):
    """Create a site with the demo reviews, none of which the champion has scored."""
    path = tmp_path / "site.sqlite3"
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "rottenpotatoes.settings",
        "DATABASE_URL": f"sqlite:///{path}",
        "VAR_DIR": str(tmp_path),
        "DEBUG": "true",
        "LOG_LEVEL": "ERROR",
    }

    def manage(*args):
        command = [sys.executable, "manage.py", *args]
        return subprocess.Popen(
            command, cwd=settings.BASE_DIR, env=environment, stdout=subprocess.PIPE, text=True
        )

    for command in ("migrate", "seed"):
        assert manage(command, "--verbosity=0").wait() == 0
    with closing(sqlite3.connect(path)) as database:
        database.execute("UPDATE reviews_moviereview SET release_id = NULL")
        database.commit()
    return manage, path


def n_read(path):
    with closing(sqlite3.connect(path, timeout=20)) as database:
        rows = database.execute("SELECT n_read FROM reviews_rescorerun").fetchall()
    return rows[0][0] if rows else 0


def test_killed_rescoring_is_exact_and_continues(site):
    manage, path = site
    rescoring = manage("rescore", "--batch", "1")
    deadline = time.monotonic() + 60
    while n_read(path) < 5 and rescoring.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    rescoring.send_signal(signal.SIGKILL)
    rescoring.wait()
    killed_at = n_read(path)
    assert 5 <= killed_at < 700
    assert "drift: none" in manage("recount").communicate()[0]
    output = manage("rescore").communicate()[0]
    assert f"continuing after {killed_at} reviews" in output
    assert "drift: none" in manage("recount").communicate()[0]
