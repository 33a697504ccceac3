"""Which model versions the site knows, and which of them serves."""

import json
import logging
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.core.exceptions import ValidationError

from mlmodel import events
from mlmodel.lifecycle import mlflow_registry
from mlmodel.lifecycle.model_store import model_store
from mlmodel.models import Promotion, Release
from mlmodel.sentiment.errors import ModelUnavailable, SentimentError
from mlmodel.sentiment.io.loader import load_scorer
from mlmodel.sentiment.io.model_folder import folder_checksum, read_meta

logger = logging.getLogger(__name__)

# What the training writes into a model folder about itself, named as in Release.
LINEAGE_FIELDS = (
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


def read_lineage(folder: Path) -> dict[str, Any]:
    """Return the fields of a release that its model folder contains.

    Raises
    ------
    ModelUnavailable
        If the folder is no model folder, or a value does not fit a release.
    """
    fields = _pick(read_meta(folder), ("algorithm", "params"))
    path = folder / "MLmodel"
    try:
        mlmodel = yaml.safe_load(path.read_text(encoding="utf-8"))
        fields |= _pick(mlmodel.get("metadata") or {}, LINEAGE_FIELDS)
        fields["run_id"] = mlmodel.get("run_id") or ""
    except FileNotFoundError:
        pass  # saved without MLflow
    except (OSError, ValueError, yaml.YAMLError, AttributeError, TypeError) as error:
        raise ModelUnavailable(f"{path} is damaged: {error}") from error
    return _validate(fields, folder)


def _pick(values: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: values[name] for name in names if name in values}


def _validate(values: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Return the values as the database stores them; raise if it cannot."""
    names = {field.name for field in Release._meta.fields}
    release = Release(**values)
    try:
        for name in ("params", "metrics"):
            if not isinstance(getattr(release, name), dict):
                raise ValueError(f"{name} is no table of names and values")
        json.dumps(values, allow_nan=False)
        release.clean_fields(exclude=names - {"algorithm", *values} | {"params", "metrics"})
    except (ValidationError, TypeError, ValueError) as error:
        raise ModelUnavailable(f"{folder} has invalid metadata: {error}") from error
    return {name: getattr(release, name) for name in values}


def adopt(folder: Path, *, version: str = "") -> Release:
    """Make a model folder a release of this site; the same folder again is the same release.

    Without a version the release is named by its checksum, like a model that came with the code.
    """
    folder = Path(folder)
    load_scorer(folder)  # a release has to be able to serve,
    read_lineage(folder)  # and to be distinguishable from others
    model_store().add(folder, folder_checksum(folder))
    return record(folder, version=version)


def record(folder: Path, *, version: str = "") -> Release:
    """Return the release of a model folder, created if the site does not know it; copy nothing."""
    checksum = folder_checksum(folder)
    query = {"version": version} if version else {"checksum": checksum}
    release = Release.objects.filter(**query).order_by("pk").first()
    if release is None:
        # Two processes may do this at once: the second finds the release of the first.
        release, _ = Release.objects.get_or_create(
            version=version or pretrained_name(checksum),
            defaults={"checksum": checksum, **read_lineage(folder)},
        )
    if release.checksum != checksum:
        raise SentimentError(
            f"release {version} is known already, as another model: "
            "is this MLflow store another one than the release came from?"
        )
    return release


def export(target: Path, *, version: str | None = None) -> Release:
    """Replace ``target`` by the model folder of the champion, or of another release."""
    release = find(version) if version else Release.objects.champion()
    if release is None:
        raise SentimentError("there is no champion to export; promote a release first")
    model_store().export(release.checksum, target)
    return release


def find(version: str) -> Release:
    """Return the release of that version, fetched from the registry if it is not on this site."""
    release, store = Release.objects.filter(version=version).first(), model_store()
    if release is not None and release.checksum in store:
        # Kept, because the next image may contain another model.
        store.add(store.find(release.checksum), release.checksum)
        return release
    if version.isdecimal():  # a version of the registry
        with mlflow_registry.downloaded(version) as folder:
            return _copy_gate_report(adopt(folder, version=version))
    if version in ("pretrained", _pretrained_version()):
        return adopt(settings.PRETRAINED_MODEL)
    if release is not None:
        raise SentimentError(f"the model folder of release {version} is gone")
    raise SentimentError(f"there is no release {version}; see `manage.py models`")


def _copy_gate_report(release: Release) -> Release:
    """Copy the gate's report from the registry, if the gate has not run on this site."""
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


def pretrained_name(checksum: str) -> str:
    """Return the version of a model that came with the code and has no number in a registry."""
    return f"pretrained-{checksum[:8]}"


def _pretrained_version() -> str | None:
    try:
        return pretrained_name(folder_checksum(settings.PRETRAINED_MODEL))
    except ModelUnavailable:
        return None


class GateRejected(SentimentError):
    """The gate rejected the release; it can be promoted by force, with a reason."""


def promote(
    version: str, *, by=None, by_name: str = "", reason: str = "", force: bool = False
) -> Release:
    """Make a release the champion, and move MLflow's alias to it.

    A release that was champion before is recorded as pinned.

    Raises
    ------
    GateRejected
        If the gate rejected it, and it is not forced.
    SentimentError
        If there is no such release, its model folder is gone, or force has no reason.
    """
    release = find(version)
    check_gate(release, force=force, reason=reason)
    if not Promotion.objects.exists():
        _record_pretrained_champion(release)
    before = Release.objects.champion()
    was_champion = Promotion.objects.filter(release=release).exists()
    release.promote(
        by=by,
        by_name=by_name,
        kind=Promotion.Kind.PIN if was_champion else Promotion.Kind.PROMOTE,
        reason=reason,
        forced=force and release.is_refused,
    )
    events.promoted(release, before, by=by, forced=force and release.is_refused)
    _move_alias(release)
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
        raise GateRejected(f"the gate rejected release {release.version} ({why})")


def _record_pretrained_champion(first: Release) -> None:
    """Record that the pretrained model served before the first promotion, for rollbacks."""
    try:
        pretrained = adopt(settings.PRETRAINED_MODEL)
    except ModelUnavailable:
        return
    if pretrained != first:
        pretrained.promote(by_name="the site", reason="served before the first promotion")


def previous_champion() -> Release | None:
    """Return the release that a rollback would make champion."""
    champions = Promotion.objects.champions()
    return Release.objects.get(pk=champions[-2]) if len(champions) > 1 else None


def rollback(*, by=None, by_name: str = "", reason: str = "") -> Release:
    """Revert the last promotion; two rollbacks go two champions back.

    Rollbacks bypass the gate.
    """
    previous = previous_champion()
    if previous is None:
        raise SentimentError("there is no earlier champion to go back to")
    release, before = find(previous.version), Release.objects.champion()
    release.promote(by=by, by_name=by_name, kind=Promotion.Kind.ROLLBACK, reason=reason)
    events.rolled_back(release, before, by=by)
    _move_alias(release)
    return release


def _move_alias(release: Release) -> None:
    # A model that came with the code has no number in the registry: then the alias is removed.
    number = release.version if release.version.isdecimal() else None
    if number is None and not Promotion.objects.filter(release__version__regex=r"^\d+$").exists():
        return
    try:
        mlflow_registry.move_alias(mlflow_registry.CHAMPION, number)
    except mlflow_registry.RegistryUnavailable as error:
        # The release table decides which model serves; the alias only shows it.
        logger.warning("the champion alias was not moved: %s", error)
