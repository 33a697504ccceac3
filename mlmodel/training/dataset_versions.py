"""Which dataset versions there have been, as git tells it, and what was trained on each."""

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from mlmodel.lifecycle.lineage import file_md5, git
from mlmodel.models import Release
from mlmodel.sentiment.data.datasets import read_description


@dataclass(slots=True)
class DatasetVersion:
    """One content that the dataset file has had."""

    md5: str
    version: str = ""  # "" where nothing says which of the versions these bytes are
    n_reviews: int | None = None
    commit: str = ""  # the first that named it; "" for a file that no commit names
    date: str = ""
    is_present: bool = False
    releases: list[str] = field(default_factory=list)


def versions_of(dataset: Path) -> list[DatasetVersion]:
    """Every content of the dataset that a commit names, the oldest first, and the present one."""
    found: dict[str, DatasetVersion] = {}
    for commit, date, md5, facts in _history(dataset):
        version = found.setdefault(md5, DatasetVersion(md5, commit=commit, date=date))
        _take(version, facts)
    if dataset.exists():
        present = file_md5(dataset)
        version = found.setdefault(present, DatasetVersion(present))
        version.is_present = True
        _take(version, read_description(dataset))
    used = Release.objects.filter(dataset_hash__in=found).order_by("pk")
    for version_name, md5 in used.values_list("version", "dataset_hash"):
        found[md5].releases.append(version_name)
    return list(found.values())


def _take(version: DatasetVersion, facts: dict[str, Any]) -> None:
    if facts.get("md5") == version.md5:
        version.version = str(facts.get("version", ""))
        version.n_reviews = facts.get("reviews")


def _history(dataset: Path) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """Commit, date, md5 and facts of each commit that changed them, the oldest first."""
    pointer, facts = f"{dataset.name}.dvc", f"{dataset.stem}.json"
    folder = dataset.absolute().parent
    try:
        log = git(folder, "log", "--reverse", "--format=%H %cs", "--", pointer, facts)
    except (OSError, subprocess.CalledProcessError):
        return  # no git here, or no history: the present file is all there is to tell
    for line in log.splitlines():
        commit, date = line.split()
        try:
            md5 = yaml.safe_load(git(folder, "show", f"{commit}:./{pointer}"))["outs"][0]["md5"]
        except (subprocess.CalledProcessError, yaml.YAMLError, LookupError, TypeError):
            continue  # a commit without the pointer, or with a damaged one, names no data
        yield commit, date, md5, _facts_at(folder, commit, facts)


def _facts_at(folder: Path, commit: str, name: str) -> dict[str, Any]:
    try:
        facts = json.loads(git(folder, "show", f"{commit}:./{name}"))
    except (subprocess.CalledProcessError, ValueError):
        return {}
    return facts if isinstance(facts, dict) else {}


def as_table(versions: list[DatasetVersion]) -> str:
    """The versions as lines of text; a star stands before what lies there now."""
    if not versions:
        return "No dataset yet: `manage.py dataset 2` builds one."
    lines = [f"  {'version':8} {'reviews':>8}  {'md5':32}  {'commit':8} {'date':10}  releases"]
    for version in versions:
        reviews = "–" if version.n_reviews is None else f"{version.n_reviews:,}"
        lines.append(
            f"{'*' if version.is_present else ' '} {version.version or '–':8} {reviews:>8}  "
            f"{version.md5:32}  {version.commit[:8] or '–':8} {version.date or '–':10}  "
            f"{', '.join(version.releases) or '–'}"
        )
    return "\n".join(lines)
