"""Where a model comes from: git commit, dataset, image."""

import hashlib
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import yaml
from django.conf import settings

from mlmodel.error_summary import summarize
from mlmodel.sentiment.errors import CorpusError
from mlmodel.sentiment.io.dataset_files import read_description

# `dvc repro` itself writes these two, before and after a training.
CODE = ("--", ":/", ":(top,exclude)dvc.lock", ":(top,exclude)metrics")


@dataclass(frozen=True, slots=True)
class Lineage:
    git_commit: str  # "" outside a git work tree
    git_dirty: bool  # the code had changes that are not committed
    dataset_hash: str  # md5, as DVC computes it
    dataset_version: str  # "2", or the name of a file that is no dataset version
    dataset_tracked: bool  # the .dvc file has the same md5
    image_tag: str


def lineage_of(dataset: Path) -> Lineage:
    commit, dirty = git_state(settings.BASE_DIR)
    md5 = file_md5(dataset)
    return Lineage(
        git_commit=commit,
        git_dirty=dirty,
        dataset_hash=md5,
        dataset_version=version_name(dataset, md5),
        dataset_tracked=pointer_md5(dataset) == md5,
        image_tag=settings.IMAGE_TAG,
    )


def git_state(folder: Path) -> tuple[str, bool]:
    """Return the commit of a work tree, and whether tracked files differ from it."""
    try:
        commit = git(folder, "rev-parse", "HEAD")
        return commit, bool(git(folder, "status", "--porcelain", "--untracked-files=no", *CODE))
    except (OSError, subprocess.CalledProcessError):
        # An image has no .git; its build sets GIT_COMMIT.
        return os.environ.get("GIT_COMMIT", ""), False


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(folder), *arguments], check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def file_md5(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "md5").hexdigest()


def pointer_of(dataset: Path) -> Path:
    return dataset.with_name(dataset.name + ".dvc")


def pointer_md5(dataset: Path) -> str:
    """Return the md5 in the dataset's .dvc file; "" if there is no such file."""
    pointer = pointer_of(dataset)
    try:
        text = pointer.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
    check_for_conflict(pointer, text)
    try:
        return yaml.safe_load(text)["outs"][0]["md5"]
    except (yaml.YAMLError, LookupError, TypeError) as error:
        raise CorpusError(
            f"{pointer} is damaged ({summarize(error)}): restore it with `git checkout {pointer}`"
        ) from error


def check_for_conflict(path: Path, text: str) -> None:
    """Raise CorpusError if git left the markers of a merge conflict in a file of DVC."""
    if re.search("^(<{7}|={7}|>{7})", text, re.MULTILINE):
        raise CorpusError(
            f"{path} has a merge conflict: keep one version, "
            f"`git checkout --ours {path}` or `--theirs`, then `git add {path}`"
        )


def version_name(dataset: Path, md5: str) -> str:
    """Return the dataset version's number if the file is as built, else the file's name."""
    description = read_description(dataset)
    return str(description["version"]) if description.get("md5") == md5 else dataset.stem
