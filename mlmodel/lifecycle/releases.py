"""Which model versions the site knows, and which of them is live."""

import json
import logging
import os
import shutil
import tempfile
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.core.exceptions import ValidationError

from mlmodel.lifecycle import mlflow_registry
from mlmodel.models import Promotion, Release
from mlmodel.monitoring import events
from mlmodel.sentiment.errors import ModelUnavailable, SentimentError
from mlmodel.sentiment.io.loader import load_scorer
from mlmodel.sentiment.io.model_folder import folder_checksum, read_meta

logger = logging.getLogger(__name__)

INCOMING = ".incoming-"
INTERRUPTED_S = 3600  # copying a model takes seconds

# What the training writes into a model folder about itself, named as in Release.
FACTS = (
    "algorithm",
    "params",
    "metrics",
    "git_commit",
    "git_dirty",
    "dataset_version",
    "dataset_hash",
    "n_reviews",
    "image_tag",
)


def read_facts(folder: Path) -> dict[str, Any]:
    """A release's fields as the model folder tells them.

    Raises
    ------
    ModelUnavailable
        If the folder is no model folder, or what it tells does not fit a release.
    """
    facts = _take(read_meta(folder), ("algorithm", "params"))
    path = folder / "MLmodel"
    try:
        mlmodel = yaml.safe_load(path.read_text(encoding="utf-8"))
        facts |= _take(mlmodel.get("metadata") or {}, FACTS)
        facts["run_id"] = mlmodel.get("run_id") or ""
    except FileNotFoundError:
        pass  # saved without MLflow
    except (OSError, ValueError, yaml.YAMLError, AttributeError, TypeError) as error:
        raise ModelUnavailable(f"{path} is damaged: {error}") from error
    return _fitting(facts, folder)


def _take(told: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: told[name] for name in names if name in told}


def _fitting(facts: dict[str, Any], folder: Path) -> dict[str, Any]:
    """The facts as the database takes them: a row that cannot be stored is refused here."""
    fields = {field.name for field in Release._meta.fields}
    release = Release(**facts)
    try:
        for name in ("params", "metrics"):
            if not isinstance(getattr(release, name), dict):
                raise ValueError(f"{name} is no table of names and values")
        json.dumps(facts, allow_nan=False)
        release.clean_fields(exclude=fields - {"algorithm", *facts} | {"params", "metrics"})
    except (ValidationError, TypeError, ValueError) as error:
        raise ModelUnavailable(f"{folder} tells odd things about its model: {error}") from error
    return {name: getattr(release, name) for name in facts}


def adopt(folder: Path, *, version: str = "") -> Release:
    """Make a model folder a release of this site; the same folder again is the same release.

    Without a version it is named by its checksum, as what came with the code.
    """
    folder = Path(folder)
    load_scorer(folder)  # a release that cannot be served is none,
    read_facts(folder)  # and neither is one that cannot be told from others
    keep_folder(folder, folder_checksum(folder))
    return record(folder, version=version)


def record(folder: Path, *, version: str = "") -> Release:
    """The release of a model folder, made if this site does not know it; nothing is copied."""
    checksum = folder_checksum(folder)
    wanted = {"version": version} if version else {"checksum": checksum}
    release = Release.objects.filter(**wanted).order_by("pk").first()
    if release is None:
        # Two processes may come here at once: the second finds what the first has made.
        release, _ = Release.objects.get_or_create(
            version=version or pretrained_name(checksum),
            defaults={"checksum": checksum, **read_facts(folder)},
        )
    if release.checksum != checksum:
        raise SentimentError(
            f"release {version} is known already, as another model: "
            "is this MLflow store another one than the release came from?"
        )
    return release


def keep_folder(folder: Path, checksum: str) -> Path:
    """Copy a model folder into the model store, whole or not at all."""
    target = settings.MODEL_STORE / checksum
    if _is_whole(target, checksum):
        return target
    settings.MODEL_STORE.mkdir(parents=True, exist_ok=True)
    _clear_interrupted()
    temporary = Path(tempfile.mkdtemp(dir=settings.MODEL_STORE, prefix=INCOMING))
    try:
        shutil.copytree(folder, temporary / "model")
        shutil.rmtree(target, ignore_errors=True)  # what is there is damaged
        os.rename(temporary / "model", target)
    except OSError:
        if not _is_whole(target, checksum):  # else another process was faster
            raise
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return target


def _clear_interrupted() -> None:
    """Remove what killed processes had begun to copy; what is young may still be at it."""
    for leftover in settings.MODEL_STORE.glob(f"{INCOMING}*"):
        with suppress(OSError):
            if time.time() - leftover.stat().st_mtime > INTERRUPTED_S:
                shutil.rmtree(leftover)


def _is_whole(folder: Path, checksum: str) -> bool:
    try:
        return folder_checksum(folder) == checksum
    except (ModelUnavailable, OSError):
        return False


def export(target: Path, *, version: str | None = None) -> Release:
    """Replace ``target`` by the champion's model folder, or that of another release."""
    release = find(version) if version else Release.objects.champion()
    if release is None:
        raise SentimentError("there is no champion to export; promote a release first")
    if target.exists() and any(target.iterdir()) and not _is_model(target):
        raise SentimentError(f"{target} is not empty and holds no model; it is left alone")
    source = settings.MODEL_STORE / release.checksum
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}-"))
    try:
        shutil.copytree(source, temporary / "model")
        _forget_the_machine(temporary / "model" / "MLmodel")
        shutil.rmtree(target, ignore_errors=True)
        os.rename(temporary / "model", target)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return release


def _forget_the_machine(path: Path) -> None:
    """Take out where the training machine kept the folder."""
    if path.exists():
        mlmodel = yaml.safe_load(path.read_text(encoding="utf-8"))
        mlmodel.pop("artifact_path", None)
        path.write_text(yaml.safe_dump(mlmodel), encoding="utf-8")


def _is_model(folder: Path) -> bool:
    try:
        folder_checksum(folder)
    except ModelUnavailable:
        return False
    return True


def find(version: str) -> Release:
    """The release of that version, fetched from the registry if this site does not know it yet."""
    release = Release.objects.filter(version=version).first()
    if release is not None and _is_whole(settings.MODEL_STORE / release.checksum, release.checksum):
        return release
    if version.isdecimal():  # a number is the registry's
        with mlflow_registry.downloaded(version) as folder:
            found = adopt(folder, version=version)
        return _take_verdict(found)
    if version in ("pretrained", _pretrained_version()):
        return adopt(settings.PRETRAINED_MODEL)
    if release is not None:
        raise SentimentError(f"the model folder of release {version} is gone")
    raise SentimentError(f"there is no release {version}; see `manage.py models`")


def _take_verdict(release: Release) -> Release:
    """What the gate found where the release comes from, if this site has not asked its own."""
    if not release.gate:
        try:
            release.gate = json.loads(
                mlflow_registry.tags_of(release.version).get("gate_report", "{}")
            )
            release.save(update_fields=["gate"])
        except ValueError as error:
            raise SentimentError(
                f"the gate's report on version {release.version} is damaged: {error}"
            ) from error
    return release


def folder_of(release: Release) -> Path:
    """Where the release's model lies on this machine: in the store, or brought by the image."""
    stored = settings.MODEL_STORE / release.checksum
    if not _is_whole(stored, release.checksum) and _is_whole(
        settings.PRETRAINED_MODEL, release.checksum
    ):
        return settings.PRETRAINED_MODEL
    return stored


def pretrained_name(checksum: str) -> str:
    """What a model is called that came with the code, and no registry has numbered."""
    return f"pretrained-{checksum[:8]}"


def _pretrained_version() -> str | None:
    try:
        return pretrained_name(folder_checksum(settings.PRETRAINED_MODEL))
    except ModelUnavailable:
        return None


class Refused(SentimentError):
    """The gate refused the release; it can be forced, with a reason."""


def promote(
    version: str, *, by=None, by_name: str = "", reason: str = "", force: bool = False
) -> Release:
    """Make a release the champion, and MLflow's alias its mirror.

    One that was champion before is pinned: promoted all the same, and recorded as that.

    Raises
    ------
    Refused
        If the gate refused it, and it is not forced.
    SentimentError
        If there is no such release, its model folder is gone, or force has no reason.
    """
    release = find(version)
    check_gate(release, force=force, reason=reason)
    if not Promotion.objects.exists():
        _remember_the_pretrained(release)
    before = Release.objects.champion()
    been = Promotion.objects.filter(release=release).exists()
    release.promote(
        by=by,
        by_name=by_name,
        kind=Promotion.Kind.PIN if been else Promotion.Kind.PROMOTE,
        reason=reason,
        forced=force and release.is_refused,
    )
    events.promoted(release, before, by=by, forced=force and release.is_refused)
    _mirror(release)
    return release


def check_gate(release: Release, *, force: bool = False, reason: str = "") -> None:
    if force and not reason.strip():
        raise SentimentError("force needs a reason, which is recorded and shown")
    if release.is_refused and not force:
        why = "; ".join(
            f"{line['name']}: {line['why']}"
            for line in release.gate.get("lines", [])
            if line["verdict"] == "refused"
        )
        raise Refused(f"the gate refused release {release.version} ({why})")


def _remember_the_pretrained(instead: Release) -> None:
    """Until its first promotion the site served the pretrained model: a rollback goes there."""
    try:
        pretrained = adopt(settings.PRETRAINED_MODEL)
    except ModelUnavailable:
        return
    if pretrained != instead:
        pretrained.promote(by_name="the site", reason="served before the first promotion")


def previous_champion() -> Release | None:
    """Who a rollback makes champion."""
    champions = Promotion.objects.champions()
    return Release.objects.get(pk=champions[-2]) if len(champions) > 1 else None


def rollback(*, by=None, by_name: str = "", reason: str = "") -> Release:
    """Take back the last promotion; doing it twice goes two champions back.

    The gate is not asked: the way back from a bad model must stand open.
    """
    previous = previous_champion()
    if previous is None:
        raise SentimentError("there is no earlier champion to go back to")
    release, before = find(previous.version), Release.objects.champion()
    release.promote(by=by, by_name=by_name, kind=Promotion.Kind.ROLLBACK, reason=reason)
    events.rolled_back(release, before, by=by)
    _mirror(release)
    return release


def _mirror(release: Release) -> None:
    # What came with the code has no number in the registry: then nothing there is champion.
    number = release.version if release.version.isdecimal() else None
    if number is None and not Promotion.objects.filter(release__version__regex=r"^\d+$").exists():
        return
    try:
        mlflow_registry.move_alias(mlflow_registry.CHAMPION, number)
    except mlflow_registry.RegistryUnavailable as error:
        # The release table is what decides who is live; the alias only shows it.
        logger.warning("the champion alias was not moved: %s", error)
