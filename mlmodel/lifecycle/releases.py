"""Which model versions the site knows, with their lineage and folders."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.core.exceptions import ValidationError

from mlmodel.lifecycle import mlflow_registry
from mlmodel.lifecycle.model_store import model_store
from mlmodel.models import Release
from mlmodel.sentiment.errors import ModelUnavailable, SentimentError
from mlmodel.sentiment.io.loader import load_scorer
from mlmodel.sentiment.io.model_folder import folder_checksum, read_meta

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
GATE_REPORT = "gate.json"  # beside MLmodel in an exported folder, and among a run's artifacts


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
            defaults={
                "checksum": checksum,
                "gate": _exported_gate_report(folder),
                **read_lineage(folder),
            },
        )
    if release.checksum != checksum:
        raise SentimentError(
            f"release {version} is known already, as another model: "
            "is this MLflow store another one than the release came from?"
        )
    return release


def _exported_gate_report(folder: Path) -> dict[str, Any]:
    try:
        report = json.loads((folder / GATE_REPORT).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise ModelUnavailable(f"{folder / GATE_REPORT} is damaged: {error}") from error
    if not isinstance(report, dict):
        raise ModelUnavailable(f"{folder / GATE_REPORT} is no report of the gate")
    return report


def export(target: Path, *, version: str | None = None) -> Release:
    """Replace ``target`` by the model folder of the champion, or of another release."""
    release = find(version) if version else Release.objects.champion()
    if release is None:
        raise SentimentError("there is no champion to export; promote a release first")
    model_store().export(release.checksum, target)
    if release.gate:
        (target / GATE_REPORT).write_text(json.dumps(release.gate, indent=1), encoding="utf-8")
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
        release.gate = mlflow_registry.load_gate_report(release.version)
        release.save(update_fields=["gate"])
    return release


def pretrained_name(checksum: str) -> str:
    """Return the version of a model that came with the code and has no number in a registry."""
    return f"pretrained-{checksum[:8]}"


def _pretrained_version() -> str | None:
    try:
        return pretrained_name(folder_checksum(settings.PRETRAINED_MODEL))
    except ModelUnavailable:
        return None
