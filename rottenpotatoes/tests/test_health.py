import pytest
from django.db import DatabaseError

from rottenpotatoes import health


def test_healthz_asks_nothing_but_the_process(client, no_model, django_assert_num_queries, db):
    with django_assert_num_queries(0):
        assert client.get("/healthz").json() == {"status": "ok"}


def test_readyz_is_ok_when_all_is_there(client, db):
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {
        "status": "ok",
        "checks": {"database": "ok", "migrations": "ok", "model": "ok"},
    }


def test_without_a_model_the_process_is_not_ready(client, db, no_model):
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["checks"] == {"database": "ok", "migrations": "ok", "model": "failed"}


def test_without_a_database_the_process_is_not_ready(client, db, monkeypatch):
    def fail():
        raise DatabaseError("password=secret is wrong")

    monkeypatch.setitem(health.CHECKS, "database", fail)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert "secret" not in response.content.decode()


def test_a_missing_migration_is_noticed(db):
    from django.db.migrations.recorder import MigrationRecorder

    MigrationRecorder.Migration.objects.filter(app="reviews").delete()
    with pytest.raises(RuntimeError, match="not applied"):
        health.check_migrations()


@pytest.mark.parametrize("address", ["/healthz", "/readyz"])
def test_a_probe_is_read_only_and_never_cached(client, db, address):
    assert client.post(address).status_code == 405
    assert "no-store" in client.get(address)["Cache-Control"]
