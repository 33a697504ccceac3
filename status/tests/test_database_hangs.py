"""A database that takes connections and says nothing: worse than one that is away."""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import psycopg2
import pytest
from django.conf import settings
from django.db import OperationalError, connection

from common.postgresql import deadline as deadlines
from common.postgresql.base import DatabaseWrapper
from common.postgresql.deadline import briefly, deadline
from mlmodel.serving import watcher
from observability.tests.served import TOKEN, serve
from observability.tests.silent import Line
from tests.support import wait_until

SOON_S = 5  # the checks wait 2 s; nobody waits forever
N_PROBES = 60  # 24 threads

needs_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="PostgreSQL only")


def ask(site, path, timeout=SOON_S):
    """Status and text; it fails where there is no answer in time."""
    token = {"Authorization": f"Bearer {TOKEN}"}
    request = Request(f"http://127.0.0.1:{site.port}{path}", headers=token)
    try:
        with urlopen(request, timeout=timeout) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        return error.code, error.read().decode()


def is_up(site):
    try:
        return ask(site, "/healthz", timeout=60)[0] == 200
    except OSError:
        return False


def check_that_probes_answer(site):
    status, text = ask(site, "/readyz")
    assert (status, '"no answer"' in text or '"failed"' in text) == (503, True)
    with ThreadPoolExecutor(N_PROBES) as pool:
        # Each worker has to find out for itself, and tells what it knew a moment ago until then.
        wait_until(lambda: set(pool.map(lambda _: ask(site, "/readyz", 60)[0], range(12))) == {503})
        probes = [pool.submit(ask, site, "/readyz", 60) for _ in range(N_PROBES)]
        assert [ask(site, "/healthz")[0] for _ in range(10)] == [200] * 10
        assert {probe.result()[0] for probe in probes} == {503}
    status, text = ask(site, "/metrics", timeout=10)
    assert status == 200
    assert 'rottenpotatoes_requests_total{method="GET",path="healthz",status="200"}' in text
    assert "rottenpotatoes_disk_free_share" in text
    assert "rottenpotatoes_champions" not in text


def test_a_site_that_starts_beside_a_silent_database_answers_its_probes(tmp_path):
    with Line() as line:
        # Two seconds are the shortest that libpq knows.
        url = f"postgres://potatoes:secret@127.0.0.1:{line.port}/potatoes?connect_timeout=2"
        with serve(tmp_path, migrated=False, DATABASE_URL=url) as site:
            wait_until(lambda: is_up(site))
            assert ask(site, "/startupz")[0] == 200
            check_that_probes_answer(site)


def execute_on_server(statement):
    told = connection.settings_dict
    server = psycopg2.connect(
        dbname="postgres",
        host=told["HOST"],
        port=told["PORT"] or 5432,
        user=told["USER"] or None,
        password=told["PASSWORD"] or None,
    )
    server.autocommit = True
    server.cursor().execute(statement)
    server.close()


@pytest.fixture
def own_database():
    name = f"hanging_{os.getpid()}"
    execute_on_server(f"CREATE DATABASE {name}")
    yield name
    execute_on_server(f"DROP DATABASE {name} WITH (FORCE)")


def server_address():
    host, port = connection.settings_dict["HOST"], connection.settings_dict["PORT"] or 5432
    return f"{host}/.s.PGSQL.{port}" if host.startswith("/") else (host or "127.0.0.1", port)


@needs_postgresql
def test_a_database_that_falls_silent_takes_no_probe_with_it(tmp_path, own_database):
    told = connection.settings_dict
    with Line(server_address()) as line:
        login = f"{told['USER']}:{told['PASSWORD']}".strip(":")
        url = f"postgres://{login}@127.0.0.1:{line.port}/{own_database}"
        with serve(tmp_path, DATABASE_URL=url) as site:
            wait_until(lambda: is_up(site))
            assert ask(site, "/readyz", timeout=60)[0] == 200
            for _ in range(30):  # workers keep their connections
                assert ask(site, "/api/v1/movies/")[0] == 200
            line.speaks.clear()
            check_that_probes_answer(site)
            assert ask(site, "/api/v1/movies/", timeout=60)[0] == 503
            line.speaks.set()
            wait_until(lambda: ask(site, "/readyz", timeout=60)[0] == 200)
            wait_until(lambda: "rottenpotatoes_champions" in ask(site, "/metrics")[1])


@pytest.fixture
def other():
    """A connection that may break."""
    made = connection.copy()
    yield made
    made.close()


@needs_postgresql
def test_whoever_waits_longer_than_allowed_is_told_that_the_line_is_broken(other, db):
    with pytest.raises(OperationalError), deadline(other, 0.1), other.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(60)")
    assert deadlines._ends == {}


@needs_postgresql
def test_who_is_in_time_keeps_the_connection(other, db):
    with deadline(other, 60), other.cursor() as cursor:
        cursor.execute("SELECT 1")
    assert other.is_usable()


@needs_postgresql
def test_a_kept_connection_that_says_nothing_is_not_used_again(db):
    with Line(server_address()) as line:
        kept = DatabaseWrapper(
            connection.settings_dict | {"HOST": "127.0.0.1", "PORT": line.port}, "kept"
        )
        kept.ensure_connection()
        line.speaks.clear()
        assert not kept.is_usable()
        kept.close()


@needs_postgresql
def test_a_query_of_a_check_ends_on_the_server_too(transactional_db):
    with briefly(60):
        assert statement_timeout() == "1min"
    assert statement_timeout() == "0"


def statement_timeout():
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        return cursor.fetchone()[0]


def test_on_sqlite_a_check_takes_no_lock(transactional_db):
    if connection.vendor != "sqlite":
        pytest.skip("SQLite only")
    with briefly(1.0):
        assert not connection.in_atomic_block


def options_with(url):
    code = "import json; from rottenpotatoes import settings as s; "
    code += "print(json.dumps(s.DATABASES['default']['OPTIONS']))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=settings.BASE_DIR,
        env=os.environ | {"DATABASE_URL": url, "DOTENV": os.devnull, "DEBUG": "true"},
        stdout=subprocess.PIPE,
        check=True,
    )
    return json.loads(done.stdout)


def test_what_the_url_says_of_timeouts_beats_the_site():
    assert options_with("postgres://db/site")["connect_timeout"] == 5
    told = options_with("postgres://db/site?connect_timeout=9&sslmode=require")
    assert (told["connect_timeout"], told["sslmode"]) == (9, "require")
    assert told["tcp_user_timeout"] == 30_000


def test_no_setting_ends_a_long_query_of_postgresql():
    assert "statement_timeout" not in str(options_with("postgres://db/site"))


def test_sqlite_keeps_its_own_options():
    assert set(options_with("sqlite:///x")) == {"transaction_mode", "timeout", "init_command"}


@needs_postgresql
def test_a_look_for_the_champion_ends_though_the_database_says_nothing(
    transactional_db, monkeypatch
):
    monkeypatch.setattr(watcher, "LOOK_S", 0.2)
    monkeypatch.setattr(watcher.serving, "take_up_champion", sleep_in_the_database)
    assert watcher.look().startswith("the database does not answer")
    with connection.cursor() as cursor:  # and the next look has a new line
        cursor.execute("SELECT 1")


def sleep_in_the_database():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(60)")
