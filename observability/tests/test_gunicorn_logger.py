"""What gunicorn itself has to say goes the way of all events."""

import json
import logging
import os
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from django.conf import settings

from observability.gunicorn_logger import NO_ACCESS_LOG, MainProcess
from observability.logging import as_event
from observability.tests.receiving import Receiver, wait_until
from observability.tests.served import serve
from rottenpotatoes.tests.test_worker import ask


@contextmanager
def serving_nothing(folder, *arguments, **variables):
    """gunicorn with our settings around an empty application; its two streams as files."""
    environment = {k: v for k, v in os.environ.items() if k not in ("DEBUG", "SECRET_KEY")}
    environment |= {"DOTENV": os.devnull, "DJANGO_SETTINGS_MODULE": "rottenpotatoes.settings"}
    with (
        socket.create_server(("127.0.0.1", 0), backlog=64) as listener,
        (folder / "out").open("w") as out,
        (folder / "err").open("w") as err,
    ):
        command = [
            *(sys.executable, "-m", "gunicorn", "--bind", f"fd://{listener.fileno()}"),
            *(*arguments, "benchmarks.empty_app:application"),
        ]
        process = subprocess.Popen(
            command,
            cwd=settings.BASE_DIR,
            env=environment | variables,
            pass_fds=[listener.fileno()],
            stdout=out,
            stderr=err,
        )
        port = listener.getsockname()[1]
    yield process, port
    process.kill()
    process.wait(10)


def test_in_production_gunicorn_speaks_json_and_to_logstash(tmp_path):
    receiver = Receiver(tmp_path)
    receiver.start()
    with serve(tmp_path, LOGSTASH_URL=receiver.url, WEB_CONCURRENCY="1") as site:
        site.get("/healthz")
        with socket.create_connection(("127.0.0.1", site.port)) as visitor:
            visitor.sendall(b"GET /secretword?q=secretword FOO\r\n\r\n")
            assert b"400 Bad Request" in visitor.recv(4096)
        wait_until(lambda: "Invalid request from [hidden]" in said(receiver))
        [booted] = [e for e in receiver.all() if e["message"].startswith("Booting worker")]
        worker = int(booted["process"].partition(":")[2])
        os.kill(worker, signal.SIGKILL)
        death = f"Worker (pid:{worker}) was sent SIGKILL! Perhaps out of memory?"
        wait_until(lambda: death in said(receiver))
    [told] = [event for event in receiver.all() if event["message"] == death]
    assert (told["event_type"], told["logger"]) == ("ERROR", "gunicorn.error")
    assert told["process"].endswith(f":{site.process.pid}")
    console = (tmp_path / "console.log").read_text()
    assert death in [json.loads(line)["message"] for line in console.splitlines()]
    for told in (console, json.dumps(receiver.all())):
        assert "secretword" not in told
        assert "127.0.0.1" not in told
    receiver.stop()


def test_only_workers_keep_events_on_disk_for_sqlite_survives_no_fork(tmp_path):
    queue = tmp_path / "queue"
    nobody = {"LOGSTASH_URL": "http://127.0.0.1:1", "LOGSTASH_QUEUE_DIR": str(queue)}
    with serve(tmp_path, WEB_CONCURRENCY="1", **nobody) as site:
        main = site.process.pid
        first = wait_for_workers(main, 1, queue)
        site.get("/healthz")
        assert held_open(queue, main) == []
        site.process.send_signal(signal.SIGHUP)  # it sets up its log again
        wait_until(lambda: first.isdisjoint(workers_of(main)))
        site.process.send_signal(signal.SIGTTIN)  # it says so, and forks once more
        wait_for_workers(main, 2, queue)
        assert held_open(queue, main) == []
        # Only then do they hear that they are to end.
        wait_until(lambda: (tmp_path / "console.log").read_text().count("MODEL_LOADED") >= 3)


def wait_for_workers(main, n, queue):
    wait_until(lambda: [bool(held_open(queue, pid)) for pid in workers_of(main)] == [True] * n)
    return workers_of(main)


def workers_of(main):
    tasks = Path(f"/proc/{main}/task")
    return {int(pid) for task in tasks.iterdir() for pid in (task / "children").read_text().split()}


def held_open(folder, pid):
    """Those of its files; none where the process has gone meanwhile."""
    files = []
    with suppress(FileNotFoundError):
        for number in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(FileNotFoundError):
                files.append(number.readlink())
    return [path.name for path in files if path.parent == folder]


def said(receiver):
    return [event["message"] for event in receiver.all()]


@pytest.mark.parametrize(
    ("in_main", "message"),
    [(True, "Handling signal: hup"), (False, "Handling signal: %s")],
)
def test_what_a_worker_quotes_may_be_a_visitors(in_main, message):
    told = MainProcess()
    told.pid = os.getpid() if in_main else 1
    line = "Handling signal: %s"
    record = logging.LogRecord("gunicorn.error", logging.INFO, "", 0, line, ("hup",), None)
    told.filter(record)
    assert as_event(record)["message"] == message


def test_numbers_are_told_whoever_logs_them():
    line = "Worker (pid:%s) exited with code %s."
    record = logging.LogRecord("gunicorn.error", logging.ERROR, "", 0, line, (7, 3), None)
    assert as_event(record)["message"] == "Worker (pid:7) exited with code 3."


def test_on_a_laptop_all_is_readable(tmp_path):
    with serving_nothing(tmp_path, "--access-logfile", "-", DEBUG="true") as (_, port):
        ask(port, 1)
        wait_until(lambda: '"GET / HTTP/1.1" 200' in (tmp_path / "out").read_text())
    assert "INFO    Starting gunicorn" in (tmp_path / "err").read_text()


def test_in_production_there_is_no_access_log(tmp_path):
    with serving_nothing(tmp_path, "--access-logfile", "-", SECRET_KEY="x" * 50) as (_, port):
        ask(port, 1)
    assert (tmp_path / "out").read_text() == ""
    assert NO_ACCESS_LOG in (tmp_path / "err").read_text()


def test_a_setting_that_makes_no_sense_is_one_sentence(tmp_path):
    with serving_nothing(tmp_path) as (process, _):
        assert process.wait(30) == 1
    said = (tmp_path / "err").read_text()
    assert said.startswith("\nError: SECRET_KEY is not set.")
    assert said.count("\n") == 3


def test_told_to_start_anew_it_reads_its_settings_anew(tmp_path):
    (tmp_path / "env").write_text("DEBUG=true\n")
    with serving_nothing(tmp_path, DOTENV=str(tmp_path / "env")) as (process, port):
        ask(port, 1)
        (tmp_path / "env").write_text("SECRET_KEY=only-for-tests\n")
        process.send_signal(signal.SIGHUP)
        err = tmp_path / "err"
        wait_until(lambda: '"message":"Booting worker with pid' in err.read_text())
        ask(port, 1)
