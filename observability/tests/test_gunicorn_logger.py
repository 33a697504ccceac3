"""gunicorn's own log records are events like all others."""

import json
import logging
import os
import signal
import socket

import pytest

from observability.gunicorn_logger import NO_ACCESS_LOG, MasterProcessFilter
from observability.logging import as_event
from observability.tests.fake_logstash import FakeLogstash
from observability.tests.live_server import gunicorn, serve
from tests.support import wait_for_url, wait_until


def empty_site(folder, *arguments, **variables):
    """Run gunicorn with our settings and an empty application."""
    environment = {k: v for k, v in os.environ.items() if k not in ("DEBUG", "SECRET_KEY")}
    environment |= {"DOTENV": os.devnull, "DJANGO_SETTINGS_MODULE": "rottenpotatoes.settings"}
    application = "benchmarks.empty_app:application"
    return gunicorn(folder, *arguments, application, env=environment | variables)


def get(port):
    wait_for_url(f"http://127.0.0.1:{port}/")


def test_gunicorns_records_are_json_and_arrive_at_logstash(tmp_path):
    with (
        FakeLogstash(tmp_path).start() as receiver,
        serve(tmp_path, LOGSTASH_URL=receiver.url, WEB_CONCURRENCY="1") as site,
    ):
        site.get("/healthz")
        with socket.create_connection(("127.0.0.1", site.port)) as visitor:
            visitor.sendall(b"GET /secretword?q=secretword FOO\r\n\r\n")
            assert b"400 Bad Request" in visitor.recv(4096)
        wait_until(lambda: "Invalid request from [hidden]" in receiver.messages())
        [booted] = [e for e in receiver.events() if e["message"].startswith("Booting worker")]
        worker = int(booted["process"].partition(":")[2])
        os.kill(worker, signal.SIGKILL)
        death = f"Worker (pid:{worker}) was sent SIGKILL! Perhaps out of memory?"
        wait_until(lambda: death in receiver.messages())
        [event] = [event for event in receiver.events() if event["message"] == death]
        assert (event["event_type"], event["logger"]) == ("ERROR", "gunicorn.error")
        assert event["process"].endswith(f":{site.process.pid}")
        assert death in [json.loads(line)["message"] for line in site.console().splitlines()]
        for output in (site.console(), json.dumps(receiver.events())):
            assert "secretword" not in output
            assert "127.0.0.1" not in output


@pytest.mark.parametrize(
    ("in_main", "message"),
    [(True, "Handling signal: hup"), (False, "Handling signal: %s")],
)
def test_only_records_of_the_main_process_are_logged_with_their_arguments(in_main, message):
    master_filter = MasterProcessFilter()
    master_filter.pid = os.getpid() if in_main else 1
    line = "Handling signal: %s"
    record = logging.LogRecord("gunicorn.error", logging.INFO, "", 0, line, ("hup",), None)
    master_filter.filter(record)
    assert as_event(record)["message"] == message


def test_numbers_are_logged_for_every_logger():
    line = "Worker (pid:%s) exited with code %s."
    record = logging.LogRecord("gunicorn.error", logging.ERROR, "", 0, line, (7, 3), None)
    assert as_event(record)["message"] == "Worker (pid:7) exited with code 3."


def test_gunicorns_records_are_readable_with_debug(tmp_path):
    with empty_site(tmp_path, "--access-logfile", "-", DEBUG="true") as (_, port):
        get(port)
        wait_until(lambda: '"GET / HTTP/1.1" 200' in (tmp_path / "out.log").read_text())
    assert "INFO    Starting gunicorn" in (tmp_path / "console.log").read_text()


def test_access_log_is_off_in_production(tmp_path):
    with empty_site(tmp_path, "--access-logfile", "-", SECRET_KEY="x" * 50) as (_, port):
        get(port)
    assert (tmp_path / "out.log").read_text() == ""
    assert NO_ACCESS_LOG in (tmp_path / "console.log").read_text()


def test_invalid_setting_is_reported_in_one_line(tmp_path):
    with empty_site(tmp_path) as (process, _):
        assert process.wait(30) == 1
    output = (tmp_path / "console.log").read_text()
    assert output.startswith("\nError: SECRET_KEY is not set.")
    assert output.count("\n") == 3


def test_sighup_reads_the_settings_again(tmp_path):
    (tmp_path / "env").write_text("DEBUG=true\n")
    with empty_site(tmp_path, DOTENV=str(tmp_path / "env")) as (process, port):
        get(port)
        (tmp_path / "env").write_text("SECRET_KEY=only-for-tests\n")
        process.send_signal(signal.SIGHUP)
        err = tmp_path / "console.log"
        wait_until(lambda: '"message":"Booting worker with pid' in err.read_text())
        get(port)
