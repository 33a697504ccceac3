"""Where a model comes from: git commit, dataset, image."""

import hashlib
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import yaml
from django.conf import settings

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


def _pointer(dataset: Path) -> Path:
    return dataset.with_name(dataset.name + ".dvc")


def pointer_md5(dataset: Path) -> str:
    """Return the md5 in the dataset's .dvc file; "" if there is no such file."""
    try:
        return yaml.safe_load(_pointer(dataset).read_text(encoding="utf-8"))["outs"][0]["md5"]
    except FileNotFoundError:
        return ""
    except (yaml.YAMLError, LookupError, TypeError) as error:
        raise CorpusError(f"{_pointer(dataset)} is damaged: {error}") from error


def version_name(dataset: Path, md5: str) -> str:
    """Return the dataset version's number if the file is as built, else the file's name."""
    description = read_description(dataset)
    return str(description["version"]) if description.get("md5") == md5 else dataset.stem


def pull(dataset: Path) -> bool:
    """Fetch the data of this commit with DVC; return False if it has none.

    Raises
    ------
    CorpusError
        If DVC is missing, or the data is not in the remote.
    """
    if not pointer_md5(dataset):
        return False
    environment = {**os.environ, "DVC_NO_ANALYTICS": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "dvc", "pull", "--quiet", dataset.name],
        cwd=dataset.parent,
        env=environment,
        capture_output=True,
        text=True,
    )
    # Only the exit code is reliable: DVC prints "Everything is up to date." on failed pulls, too.
    if done.returncode == 0:
        return True
    if dataset.exists() and file_md5(dataset) != pointer_md5(dataset):
        raise CorpusError(
            f"{dataset} differs from {_pointer(dataset).name}: run `dvc add` to track the new "
            "data, or train with --no-pull"
        )
    raise CorpusError(
        f"dvc pull did not find the data that {_pointer(dataset)} names "
        f"(exit code {done.returncode}): check `dvc remote list`, or run `dvc push` at its source"
    )
