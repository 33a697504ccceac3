"""A database that accepts connections and does not answer."""

import json
import os
import sys
import threading

import pytest
from django.conf import settings
from django.db import OperationalError, connection
from django.test import Client
from requests import HTTPError

from common.postgresql.timeouts import statement_timeout
from mlmodel.serving import champion, watcher
from observability.tests.live_server import serve
from status import health
from tests.support import run, tcp_blackhole, wait_until

needs_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="PostgreSQL only")


def status_of(site, path):
    try:
        site.get(path)
        return 200
    except HTTPError as error:
        return error.response.status_code


def test_site_that_starts_without_an_answer_of_the_database_answers_its_probes(tmp_path):
    with tcp_blackhole() as port:
        # libpq allows 2 s or more.
        url = f"postgres://potatoes:secret@127.0.0.1:{port}/potatoes?connect_timeout=2"
        with serve(tmp_path, migrated=False, DATABASE_URL=url) as site:
            wait_until(lambda: status_of(site, "/healthz") == 200)
            assert status_of(site, "/startupz") == 200
            assert status_of(site, "/readyz") == 503
            metrics = site.metrics()
    assert "rottenpotatoes_disk_free_share" in metrics
    assert "rottenpotatoes_champions" not in metrics


def test_hanging_readiness_check_does_not_block_other_probes(db, monkeypatch, client):
    is_hanging, go_on = threading.Event(), threading.Event()

    def hang():
        is_hanging.set()
        go_on.wait(60)

    monkeypatch.setattr(health, "CHECKS", {"database": hang})
    monkeypatch.setattr(health, "LOCK_TIMEOUT_S", 0.01)
    thread = threading.Thread(target=Client().get, args=["/readyz"])
    thread.start()
    is_hanging.wait(60)
    response = client.get("/readyz")
    assert (response.status_code, response.json()["status"]) == (503, "unavailable")
    assert client.get("/healthz").status_code == 200
    go_on.set()
    thread.join(60)
    assert client.get("/readyz").status_code == 200


def show_statement_timeout():
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        return cursor.fetchone()[0]


@needs_postgresql
def test_statement_timeout_cancels_a_query(transactional_db):
    with pytest.raises(OperationalError), statement_timeout(0.1), connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(60)")


@needs_postgresql
def test_statement_timeout_is_limited_to_its_block(transactional_db):
    with statement_timeout(60):
        assert show_statement_timeout() == "1min"
    assert show_statement_timeout() == "0"


def test_statement_timeout_takes_no_lock_on_sqlite(transactional_db):
    if connection.vendor != "sqlite":
        pytest.skip("SQLite only")
    with statement_timeout(1.0):
        assert not connection.in_atomic_block


def options_of(url):
    code = "import json; from rottenpotatoes import settings as s; "
    code += "print(json.dumps(s.DATABASES['default']['OPTIONS']))"
    environment = os.environ | {"DATABASE_URL": url, "DOTENV": os.devnull, "DEBUG": "true"}
    done = run(sys.executable, "-c", code, env=environment, cwd=settings.BASE_DIR)
    return json.loads(done.stdout)


def test_timeouts_of_the_database_url_take_precedence():
    assert options_of("postgres://db/site")["connect_timeout"] == 5
    options = options_of("postgres://db/site?connect_timeout=9&sslmode=require")
    assert (options["connect_timeout"], options["sslmode"]) == (9, "require")
    assert options["tcp_user_timeout"] == 10_000


def test_long_queries_have_no_time_limit():
    assert "statement_timeout" not in str(options_of("postgres://db/site"))


def test_sqlite_has_its_own_options():
    assert set(options_of("sqlite:///x")) == {"transaction_mode", "timeout", "init_command"}


def test_champion_watcher_continues_after_a_broken_connection(transactional_db, monkeypatch):
    def fail():
        raise OperationalError("could not receive data from server: Connection timed out")

    with monkeypatch.context() as broken:
        broken.setattr(champion.holder, "reload_if_champion_changed", fail)
        assert "Connection timed out" in watcher.poll_once()
    assert watcher.poll_once() == ""
