import pytest
from django.db import DatabaseError

from mlmodel.serving import champion
from status import health


def statuses(response):
    return {name: check["status"] for name, check in response.json()["checks"].items()}


def test_healthz_does_not_use_the_database(client, no_model, django_assert_num_queries, db):
    with django_assert_num_queries(0):
        assert client.get("/healthz").json() == {"status": "ok"}


def test_readyz_is_ok_if_all_checks_pass(client, db):
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json()["status"] == "ok"
    assert statuses(response) == {"database": "ok", "migrations": "ok", "model": "ok"}
    assert all(check["ms"] >= 0 for check in response.json()["checks"].values())


def test_readyz_fails_without_a_model(client, db, no_model):
    response = client.get("/readyz")
    assert response.status_code == 503
    assert statuses(response) == {"database": "ok", "migrations": "ok", "model": "failed"}


def test_startupz_checks_the_model_only(
    client, no_model, fixed_scorer, django_assert_num_queries, db
):
    assert client.get("/startupz").status_code == 503
    with champion.override(champion.Served(fixed_scorer, None)), django_assert_num_queries(0):
        assert statuses(client.get("/startupz")) == {"model": "ok"}


def test_readyz_fails_without_the_database_and_hides_the_error(client, db, monkeypatch):
    def fail():
        raise DatabaseError("password=secret is wrong")

    monkeypatch.setitem(health.CHECKS, "database", fail)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert "secret" not in response.content.decode()


def test_missing_migration_is_detected(db):
    from django.db.migrations.recorder import MigrationRecorder

    MigrationRecorder.Migration.objects.filter(app="reviews").delete()
    with pytest.raises(RuntimeError, match="not applied"):
        health.check_migrations()


@pytest.mark.parametrize("address", ["/healthz", "/readyz", "/startupz"])
def test_probe_is_read_only_and_never_cached(client, db, address):
    assert client.post(address).status_code == 405
    assert "no-store" in client.get(address)["Cache-Control"]
