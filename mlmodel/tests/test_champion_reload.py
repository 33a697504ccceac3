import shutil

import pytest
from django.db import DatabaseError

from mlmodel.lifecycle.releases import adopt
from mlmodel.models import Release
from mlmodel.sentiment.io.model_folder import ARRAYS, find_data
from mlmodel.serving import champion as serving
from mlmodel.serving import loading, watcher

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def old(lab, model_folders):
    """A champion that serves."""
    champion = adopt(model_folders[0], version="old")
    champion.promote()
    with serving.override(None):
        serving.get_served()
        yield champion


@pytest.fixture
def new(model_folders) -> Release:
    """A champion that no process has loaded yet."""
    champion = adopt(model_folders[1], version="new")
    champion.promote()
    return champion


def folder_of(release, settings):
    return settings.MODEL_STORE / release.checksum


def damage(release, settings):
    path = find_data(folder_of(release, settings)) / ARRAYS
    path.write_bytes(path.read_bytes()[:-1])


def replace_by_another(release, settings):
    shutil.rmtree(folder_of(release, settings))
    other = Release.objects.get(version="old")
    shutil.copytree(folder_of(other, settings), folder_of(release, settings))


def remove(release, settings):
    shutil.rmtree(folder_of(release, settings))


def test_new_champion_is_loaded(new):
    assert serving.get_scorer().version == "old"
    serving.holder.reload_if_champion_changed()
    assert (serving.get_scorer().version, serving.get_served().release) == ("new", new)


def test_champion_that_serves_is_not_loaded_again(monkeypatch):
    monkeypatch.setattr(loading, "load_scorer", lambda *args, **kwargs: pytest.fail("read again"))
    serving.holder.reload_if_champion_changed()


def test_poll_for_the_champion_costs_one_query(django_assert_num_queries):
    with django_assert_num_queries(1):
        serving.holder.reload_if_champion_changed()


def test_pinned_model_survives_a_promotion(new):
    with serving.pin_model():
        before = serving.get_served()
        serving.holder.reload_if_champion_changed()
        assert serving.get_served() is before
    assert serving.get_scorer().version == "new"


def test_page_and_footer_name_one_model(client, new, monkeypatch):
    served = serving.get_served()

    def swap_first(text):
        serving.holder.reload_if_champion_changed()
        return type(served.scorer).explain(served.scorer, text)

    monkeypatch.setattr(served.scorer, "explain", swap_first, raising=False)
    page = client.post("/try/", {"text": "A wonderful, moving film."})
    assert (page.context["model_version"], serving.get_scorer().version) == ("old", "new")


@pytest.mark.parametrize("spoil", [damage, replace_by_another, remove])
def test_champion_with_another_checksum_is_not_loaded(new, settings, spoil, caplog):
    spoil(new, settings)
    for _ in range(3):
        serving.holder.reload_if_champion_changed()
    assert serving.get_scorer().version == "old"
    assert serving.get_failure().version == "new"
    assert caplog.text.count("release new cannot be loaded") == 1


def test_load_failure_is_shown_and_the_process_stays_ready(client, new, settings):
    remove(new, settings)
    serving.holder.reload_if_champion_changed()
    probe = client.get("/readyz")
    assert (probe.status_code, probe.json()["refused"]["version"]) == (200, "new")
    assert str(settings.MODEL_STORE) not in probe.content.decode()


def test_champion_is_loaded_when_its_folder_appears(new, settings, model_folders):
    remove(new, settings)
    serving.holder.reload_if_champion_changed()
    shutil.copytree(model_folders[1], folder_of(new, settings))
    serving.holder.reload_if_champion_changed()
    assert (serving.get_scorer().version, serving.get_failure()) == ("new", None)


def test_load_failure_ends_with_a_rollback(old, new, settings):
    remove(new, settings)
    serving.holder.reload_if_champion_changed()
    old.promote(kind="rollback")
    serving.holder.reload_if_champion_changed()
    assert (serving.get_scorer().version, serving.get_failure()) == ("old", None)


def test_new_process_serves_the_previous_champion_if_the_current_is_damaged(new, settings):
    damage(new, settings)
    with serving.override(None):
        assert serving.get_scorer().version == "old"
        assert serving.get_failure().version == "new"


def test_model_that_fails_at_its_first_text_does_not_serve(new, monkeypatch):
    class Broken:
        version = "new"

        def predict(self, text):
            raise KeyError("vocabulary_")

    monkeypatch.setattr(loading, "load_scorer", lambda *args, **kwargs: Broken())
    serving.holder.reload_if_champion_changed()
    assert (serving.get_scorer().version, serving.get_failure().version) == ("old", "new")


@pytest.mark.parametrize("error", [DatabaseError("no route"), RuntimeError("odd")])
def test_champion_watcher_survives_errors(monkeypatch, error):
    def fails():
        raise error

    line = type("", (), {"vendor": "sqlite", "close": lambda self: None})()
    monkeypatch.setattr(watcher, "connection", line)
    monkeypatch.setattr(serving.holder, "reload_if_champion_changed", fails)
    assert str(error) in watcher.poll_once()


def test_missing_model_is_logged_once(settings, tmp_path, caplog):
    caplog.set_level("INFO")
    settings.PRETRAINED_MODEL = settings.MODEL_STORE = tmp_path / "nowhere"
    with serving.override(None):
        for _ in range(5):
            watcher.poll_once()
        failures = [record for record in caplog.records if "MODEL_REFUSED" in str(vars(record))]
        assert len(failures) == 2  # for the champion and for the pretrained model
        assert not serving.has_model()
