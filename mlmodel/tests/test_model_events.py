"""Events about models, from commands and from processes that serve."""

import json

import pytest
from django.core.management import call_command

from mlmodel.models import Release
from mlmodel.serving import champion


@pytest.fixture
def two_releases(release, monkeypatch):
    from mlmodel.lifecycle import promotions

    other = Release.objects.create(version="test-2", algorithm="fixed", checksum="1" * 64)
    monkeypatch.setattr(promotions, "find", lambda version: Release.objects.get(version=version))
    monkeypatch.setattr(promotions, "_record_pretrained_champion", lambda release: None)
    monkeypatch.setattr(promotions, "objections", lambda release: [])
    return release, other


def test_promotions_and_rollbacks_by_a_command_are_events(two_releases, logged):
    for version in ("test-2", "test-1"):
        call_command("promote", version, "--by", "ana")
    call_command("rollback", "--by", "ana")
    switches = [(e["previous_version"], e["model_version"]) for e in logged("PROMOTION")]
    assert switches == [("test-1", "test-2"), ("test-2", "test-1")]
    [back] = logged("ROLLBACK")
    assert (back["previous_version"], back["model_version"]) == ("test-1", "test-2")
    assert "ana" not in json.dumps(logged("PROMOTION"))


def test_loading_a_model_is_an_event(db, logged, settings):
    with champion.override(None):
        version = champion.holder.reload().scorer.version
    [event] = logged("MODEL_LOADED")
    assert event["model_version"] == version
    assert event["latency_ms"] > 0


def test_load_failure_event_does_not_contain_the_folder(release, logged, settings, tmp_path):
    settings.MODEL_STORE = tmp_path
    with champion.override(None):
        champion.holder.reload()
    [event] = logged("MODEL_REFUSED")
    assert event["model_version"] == "test-1"
    assert str(tmp_path) not in json.dumps(event)


def test_rescoring_is_an_event(movie, make_review, release, logged):
    make_review(movie)
    call_command("rescore", "--restart")
    [event] = logged("RESCORE")
    assert (event["model_version"], event["finished"]) == ("test-1", True)
