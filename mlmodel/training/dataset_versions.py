"""List the dataset versions in git's history, and the releases trained on each."""

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from mlmodel.lifecycle.lineage import file_md5, git
from mlmodel.models import Release
from mlmodel.sentiment.io.dataset_files import read_description


@dataclass(slots=True)
class DatasetVersion:
    """One content of the dataset file, with the first commit that names it."""

    md5: str
    version: str = ""  # empty if no description says which version it is
    n_reviews: int | None = None
    commit: str = ""  # empty if no commit names it
    date: str = ""
    is_present: bool = False
    releases: list[str] = field(default_factory=list)

    def add_description(self, description: dict[str, Any]) -> None:
        if description.get("md5") == self.md5:
            self.version = str(description.get("version", ""))
            self.n_reviews = description.get("reviews")


def versions_of(dataset: Path) -> list[DatasetVersion]:
    """Return every content of the dataset that a commit names, oldest first, and the present."""
    versions: dict[str, DatasetVersion] = {}
    for commit, date, md5, description in _history(dataset):
        version = versions.setdefault(md5, DatasetVersion(md5, commit=commit, date=date))
        version.add_description(description)
    if dataset.exists():
        md5 = file_md5(dataset)
        version = versions.setdefault(md5, DatasetVersion(md5))
        version.is_present = True
        version.add_description(read_description(dataset))
    trained = Release.objects.filter(dataset_hash__in=versions).order_by("pk")
    for version_name, md5 in trained.values_list("version", "dataset_hash"):
        versions[md5].releases.append(version_name)
    return list(versions.values())


def _history(dataset: Path) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """Yield commit, date, md5 and description of each commit that changed them, oldest first."""
    pointer, description = f"{dataset.name}.dvc", f"{dataset.stem}.json"
    folder = dataset.absolute().parent
    try:
        log = git(folder, "log", "--reverse", "--format=%H %cs", "--", pointer, description)
    except (OSError, subprocess.CalledProcessError):
        return  # no git, or no history
    for line in log.splitlines():
        commit, date = line.split()
        try:
            md5 = yaml.safe_load(git(folder, "show", f"{commit}:./{pointer}"))["outs"][0]["md5"]
        except (subprocess.CalledProcessError, yaml.YAMLError, LookupError, TypeError):
            continue  # the commit has no pointer, or a damaged one
        yield commit, date, md5, _description_at(folder, commit, description)


def _description_at(folder: Path, commit: str, name: str) -> dict[str, Any]:
    try:
        description = json.loads(git(folder, "show", f"{commit}:./{name}"))
    except (subprocess.CalledProcessError, ValueError):
        return {}
    return description if isinstance(description, dict) else {}


def as_table(versions: list[DatasetVersion]) -> str:
    """Return the versions as lines of text; a star marks the present one."""
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
