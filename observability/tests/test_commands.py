"""A failed command is an event: the console of a CronJob is rarely read."""

import json
import os
import sys

import pytest
from django.conf import settings
from django.db import OperationalError

from observability.commands import run
from observability.tests.fake_logstash import FakeLogstash
from reviews.management.commands.score_pending import Command
from tests import support


@pytest.fixture
def errors(logged, monkeypatch):
    """Returns the events of failed commands so far."""
    # A second time, it would remove the handler of caplog.
    monkeypatch.setattr("django.setup", lambda: None)
    return lambda: [event for event in logged() if "command" in event]


def failing_with(monkeypatch, error):
    def handle(self, **options):
        raise error

    monkeypatch.setattr(Command, "handle", handle)


def test_failed_command_prints_its_message_and_logs_one_event(db, no_model, errors, capsys):
    with pytest.raises(SystemExit, match="1"):
        run(["manage.py", "score_pending"])
    assert "CommandError: there is no model; 0 reviews are unread." in capsys.readouterr().err
    [error] = errors()
    assert (error["event_type"], error["level"]) == ("ERROR", "ERROR")
    assert (error["command"], error["error_type"]) == ("score_pending", "ModelUnavailable")
    assert "score_pending.py" in error["traceback"]


def test_event_of_an_unexpected_error_does_not_contain_its_message(monkeypatch, errors):
    failing_with(monkeypatch, LookupError("DETAIL: secretword"))
    with pytest.raises(LookupError):
        run(["manage.py", "score_pending"])
    [error] = errors()
    assert error["error_type"] == "LookupError"
    assert "in handle" in error["traceback"]
    assert "secretword" not in json.dumps(error)


def test_unreachable_database_is_one_line_without_a_traceback(monkeypatch, errors):
    failing_with(monkeypatch, OperationalError("connection refused\n\tIs it running?\n"))
    message = "CommandError: database error: connection refused Is it running?"
    with pytest.raises(SystemExit) as end:
        run(["manage.py", "score_pending"])
    assert end.value.code == message
    assert errors()[0]["error_type"] == "OperationalError"
    with pytest.raises(OperationalError):
        run(["manage.py", "score_pending", "--traceback"])


@pytest.mark.parametrize("end", [KeyboardInterrupt(), SystemExit(0)])
def test_stopped_command_is_not_a_failure(monkeypatch, errors, end):
    failing_with(monkeypatch, end)
    with pytest.raises(type(end)):
        run(["manage.py", "score_pending"])
    assert not errors()


@pytest.mark.parametrize("arguments", [["score_pending", "--nosuch"], ["nosuch"]])
def test_unknown_command_or_option_is_not_a_failure(errors, arguments):
    with pytest.raises(SystemExit, match=r"[12]"):
        run(["manage.py", *arguments])
    assert not errors()


@pytest.mark.parametrize("debug", ["true", "false"])
def test_event_of_a_failed_command_arrives(tmp_path, debug):
    receiver = FakeLogstash(tmp_path).start()
    (tmp_path / "site.sqlite3").write_text("This is not a database.")
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "rottenpotatoes.settings",
        "DOTENV": os.devnull,
        "DEBUG": debug,
        "DATABASE_URL": f"sqlite:///{tmp_path}/site.sqlite3",
        "LOGSTASH_URL": receiver.url,
    }
    command = [sys.executable, "manage.py", "score_pending"]
    done = support.run(*command, cwd=settings.BASE_DIR, env=environment, check=False)
    assert done.returncode == 1
    assert ('"command":"score_pending"' in done.stderr) is (debug == "false")
    [error] = receiver.events("ERROR")
    assert (error["command"], error["error_type"]) == ("score_pending", "DatabaseError")
    receiver.stop()
