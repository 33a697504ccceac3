"""A command that fails is told of: nobody reads the console of a CronJob."""

import json
import logging
import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.db import OperationalError

from observability.commands import run
from observability.logging import as_event
from observability.tests.receiving import Receiver
from reviews.management.commands.score_pending import Command


@pytest.fixture
def errors(caplog, monkeypatch):
    """The failures told so far."""
    monkeypatch.setattr("django.setup", lambda: None)  # again, it would take caplog's handler away
    caplog.set_level(logging.INFO)

    def told():
        events = [as_event(record) for record in caplog.records]
        return [event for event in events if "command" in event]

    return told


def failing_with(monkeypatch, error):
    def handle(self, **options):
        raise error

    monkeypatch.setattr(Command, "handle", handle)


def test_a_command_that_fails_says_one_sentence_and_tells_one_event(db, no_model, errors, capsys):
    with pytest.raises(SystemExit, match="1"):
        run(["manage.py", "score_pending"])
    assert "CommandError: there is no model; 0 reviews wait to be read." in capsys.readouterr().err
    [error] = errors()
    assert (error["event_type"], error["level"]) == ("ERROR", "ERROR")
    assert (error["command"], error["error_type"]) == ("score_pending", "ModelUnavailable")
    assert "score_pending.py" in error["traceback"]


def test_an_error_that_nobody_foresaw_is_told_without_its_values(monkeypatch, errors):
    failing_with(monkeypatch, LookupError("DETAIL: secretword"))
    with pytest.raises(LookupError):
        run(["manage.py", "score_pending"])
    [error] = errors()
    assert error["error_type"] == "LookupError"
    assert "in handle" in error["traceback"]
    assert "secretword" not in json.dumps(error)


def test_a_database_that_is_away_is_one_sentence(monkeypatch, errors):
    failing_with(monkeypatch, OperationalError("connection refused\n\tIs it running?\n"))
    said = "CommandError: the database says: connection refused Is it running?"
    with pytest.raises(SystemExit) as end:
        run(["manage.py", "score_pending"])
    assert end.value.code == said
    assert errors()[0]["error_type"] == "OperationalError"
    with pytest.raises(OperationalError):
        run(["manage.py", "score_pending", "--traceback"])


@pytest.mark.parametrize("end", [KeyboardInterrupt(), SystemExit(0)])
def test_who_stops_a_command_is_no_error(monkeypatch, errors, end):
    failing_with(monkeypatch, end)
    with pytest.raises(type(end)):
        run(["manage.py", "score_pending"])
    assert not errors()


@pytest.mark.parametrize("arguments", [["score_pending", "--nosuch"], ["nosuch"]])
def test_a_slip_of_the_hand_is_no_error(errors, arguments):
    with pytest.raises(SystemExit, match=r"[12]"):
        run(["manage.py", *arguments])
    assert not errors()


@pytest.mark.parametrize("debug", ["true", "false"])
def test_the_event_of_a_failing_command_arrives(tmp_path, debug):
    receiver = Receiver(tmp_path)
    receiver.start()
    (tmp_path / "site.sqlite3").write_text("This is no database.")
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "rottenpotatoes.settings",
        "DOTENV": os.devnull,
        "DEBUG": debug,
        "DATABASE_URL": f"sqlite:///{tmp_path}/site.sqlite3",
        "LOGSTASH_URL": receiver.url,
    }
    command = [sys.executable, "manage.py", "score_pending"]
    done = subprocess.run(
        command, cwd=settings.BASE_DIR, env=environment, text=True, capture_output=True
    )
    assert done.returncode == 1
    assert ('"command":"score_pending"' in done.stderr) is (debug == "false")
    [error] = [event for event in receiver.all() if event["event_type"] == "ERROR"]
    assert (error["command"], error["error_type"]) == ("score_pending", "DatabaseError")
    receiver.stop()
