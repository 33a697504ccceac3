import json
import os
import shutil

import pytest
from django.core.management import CommandError, call_command

from mlmodel.lifecycle import releases
from mlmodel.lifecycle.promotions import promote, rollback
from mlmodel.lifecycle.releases import adopt, export
from mlmodel.models import Promotion, Release
from mlmodel.sentiment.errors import ModelUnavailable, SentimentError
from mlmodel.sentiment.io.loader import load_scorer
from mlmodel.sentiment.io.model_folder import META, find_data, folder_checksum

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("lab")]


@pytest.fixture
def one(model_folders):
    return adopt(model_folders[0], version="model-one")


@pytest.fixture
def two(model_folders):
    return adopt(model_folders[1], version="model-two")


def test_version_cannot_be_reused_for_another_model(one, model_folders):
    with pytest.raises(SentimentError, match="model-one is known already"):
        adopt(model_folders[1], version="model-one")


def test_damaged_folder_is_not_adopted(model_folders, tmp_path):
    damaged = shutil.copytree(model_folders[0], tmp_path / "damaged")
    (damaged / "model.npz").write_bytes(b"nonsense")
    with pytest.raises(ModelUnavailable):
        adopt(damaged)
    assert not Release.objects.exists()


def test_damaged_copy_in_the_store_is_replaced(one, model_folders, settings):
    kept = settings.MODEL_STORE / one.checksum
    (kept / "model.npz").write_bytes(b"nonsense")
    adopt(model_folders[0], version="model-one")
    assert load_scorer(kept, checksum=one.checksum)


def test_two_rollbacks_go_two_champions_back(one, two, model_folders):
    three = adopt(model_folders[0], version="model-three")
    for release in (one, two, three):
        promote(release.version)
    assert [rollback(), rollback()] == [two, one]
    with pytest.raises(SentimentError, match="no earlier champion"):
        rollback()


def test_older_version_can_be_pinned_and_rolled_back(one, two):
    for version in ("model-one", "model-two", "model-one"):
        promote(version)
    assert Promotion.objects.newest_first().first().kind == "pin"
    assert rollback() == two


def refuse(release):
    line = {"name": "behaviour", "verdict": "refused", "why": "negation: 2 of 9 passed"}
    release.gate = {"passed": False, "lines": [line]}
    release.save()


def test_release_that_the_gate_rejected_is_not_promoted(one):
    refuse(one)
    with pytest.raises(CommandError, match="negation: 2 of 9 passed") as error:
        call_command("promote", "model-one")
    assert error.value.returncode == 2
    assert Release.objects.champion() is None


def test_forced_promotion_is_recorded_with_its_reason(one):
    refuse(one)
    call_command("promote", "model-one", force=True, reason="the suite is wrong", by="ana")
    promotion = Promotion.objects.get()
    assert (promotion.forced, promotion.reason) == (True, "the suite is wrong")
    assert promotion.by_name == "ana"


def test_forced_promotion_needs_a_reason(one):
    with pytest.raises(CommandError, match="needs a reason"):
        call_command("promote", "model-one", force=True)


def test_rollback_bypasses_the_gate(one, two):
    promote("model-one")
    promote("model-two")
    refuse(one)
    assert rollback() == one


def test_the_first_rollback_leads_to_the_pretrained_model(one, two, model_folders, settings):
    settings.PRETRAINED_MODEL = model_folders[1]
    promote("model-one")
    assert rollback().checksum == two.checksum


def test_rollback_needs_an_earlier_champion(one):
    promote("model-one")
    with pytest.raises(CommandError, match="no earlier champion"):
        call_command("rollback")


@pytest.mark.parametrize(
    ("version", "complaint"),
    [("nope", "there is no release nope"), ("99", "MLflow at sqlite")],
)
def test_unknown_release_is_not_promoted(version, complaint):
    with pytest.raises(CommandError, match=complaint):
        call_command("promote", version)


def test_release_without_a_model_folder_is_not_promoted(one, settings):
    shutil.rmtree(settings.MODEL_STORE)
    with pytest.raises(CommandError, match="model folder of release model-one is gone"):
        call_command("promote", "model-one")


def test_release_of_another_site_is_fetched_from_the_registry(trained, settings):
    expected = (trained.checksum, trained.run_id, trained.dataset_hash)
    Release.objects.all().delete()
    shutil.rmtree(settings.MODEL_STORE)
    fetched = releases.find("1")
    assert (fetched.checksum, fetched.run_id, fetched.dataset_hash) == expected


def test_exported_model_serves_and_contains_no_path(trained, tmp_path):
    trained.promote()
    call_command("export_model", tmp_path / "pretrained")
    assert load_scorer(tmp_path / "pretrained", checksum=trained.checksum)
    texts = [path.read_bytes() for path in (tmp_path / "pretrained").rglob("*") if path.is_file()]
    assert not any(str(tmp_path.parent).encode() in text for text in texts)


def test_exported_model_is_adopted_with_its_lineage(trained, tmp_path):
    export(tmp_path / "pretrained", version="1")
    Release.objects.all().delete()  # another site
    adopted = adopt(tmp_path / "pretrained")
    assert adopted.version == f"pretrained-{trained.checksum[:8]}"
    assert (adopted.run_id, adopted.metrics) == (trained.run_id, trained.metrics)


def test_champion_of_the_image_is_exported_without_a_store(model_folders, settings, tmp_path):
    settings.PRETRAINED_MODEL = model_folders[0]
    call_command("promote", "pretrained")
    shutil.rmtree(settings.MODEL_STORE)
    call_command("export_model", tmp_path / "out")
    assert folder_checksum(tmp_path / "out") == Release.objects.champion().checksum


def test_export_of_a_champion_without_a_folder_is_an_error(one, settings, tmp_path):
    one.promote()
    shutil.rmtree(settings.MODEL_STORE)
    with pytest.raises(CommandError, match="no intact folder"):
        call_command("export_model", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_export_does_not_replace_a_folder_without_a_model(one, tmp_path):
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "diary.txt").write_text("dear diary")
    with pytest.raises(SentimentError, match="left as it is"):
        export(tmp_path / "home", version="model-one")
    assert (tmp_path / "home" / "diary.txt").exists()


def test_export_replaces_an_earlier_export(one, two, tmp_path):
    export(tmp_path / "out", version="model-one")
    export(tmp_path / "out", version="model-two")
    assert find_data(tmp_path / "out") == tmp_path / "out"
    assert load_scorer(tmp_path / "out", checksum=two.checksum)


def test_models_command_marks_the_champion(one, two, capsys):
    promote("model-two")
    call_command("models")
    lines = capsys.readouterr().out.splitlines()[1:]
    assert [line[:11] for line in lines] == ["* model-two", "  model-one"]


def test_models_command_marks_the_model_that_serves_without_a_promotion(
    two, model_folders, settings, capsys
):
    settings.PRETRAINED_MODEL = model_folders[0]
    adopt(model_folders[0], version="model-one")
    call_command("models")
    lines = capsys.readouterr().out.splitlines()[1:]
    assert {line[:11] for line in lines} == {"  model-two", "* model-one"}


def test_models_command_works_without_releases(capsys):
    call_command("models")
    assert "pretrained model" in capsys.readouterr().out


@pytest.mark.parametrize(
    "odd",
    [
        {"algorithm": None},
        {"algorithm": "x" * 41},
        {"params": ["C"]},
        {"params": {"C": float("nan")}},
    ],
)
def test_folder_with_invalid_metadata_is_not_stored(model_folders, tmp_path, settings, odd):
    folder = shutil.copytree(model_folders[0], tmp_path / "odd")
    meta = json.loads((folder / META).read_text())
    (folder / META).write_text(json.dumps(meta | odd))
    with pytest.raises(ModelUnavailable, match="invalid metadata"):
        adopt(folder)
    assert not settings.MODEL_STORE.exists()


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("{", "MLmodel is damaged"),
        ("metadata: {n_reviews: many}", "invalid metadata"),
        ("metadata: {metrics: 0.9}", "invalid metadata"),
        ("metadata: {dataset_version: 2026-01-01}", "invalid metadata"),
    ],
)
def test_invalid_record_of_a_training_is_rejected(model_folders, tmp_path, content, complaint):
    folder = shutil.copytree(model_folders[0], tmp_path / "odd")
    (folder / "MLmodel").write_text(content)
    with pytest.raises(ModelUnavailable, match=complaint):
        releases.read_lineage(folder)


def test_old_remains_of_a_killed_copy_are_removed(lab, model_folders, settings):
    old, young = (settings.MODEL_STORE / f".incoming-{name}" for name in ("old", "young"))
    for folder in (old, young):
        (folder / "model").mkdir(parents=True)
    os.utime(old, (0, 0))
    releases.adopt(model_folders[0])
    assert (old.exists(), young.exists()) == (False, True)
