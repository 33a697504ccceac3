"""Where a model comes from: git commit, dataset, image."""

import hashlib
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import yaml
from django.conf import settings

from mlmodel.sentiment.data.datasets import read_description
from mlmodel.sentiment.errors import CorpusError

# `dvc repro` itself writes these two, before and after a training.
CODE = ("--", ":/", ":(top,exclude)dvc.lock", ":(top,exclude)metrics")


@dataclass(frozen=True, slots=True)
class Lineage:
    git_commit: str  # "" outside a git work tree
    git_dirty: bool  # the code was not that of the commit alone
    dataset_hash: str  # md5, as DVC computes it
    dataset_version: str  # "2", or the file's name where it is no version
    dataset_tracked: bool  # the bytes are those that the .dvc file names
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
    """The commit of a work tree, and whether tracked files differ from it."""
    try:
        commit = git(folder, "rev-parse", "HEAD")
        return commit, bool(git(folder, "status", "--porcelain", "--untracked-files=no", *CODE))
    except (OSError, subprocess.CalledProcessError):
        # An image has no .git; its build says what it was built from.
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
    """The md5 that the dataset's .dvc file names; "" where there is no such file."""
    try:
        return yaml.safe_load(_pointer(dataset).read_text(encoding="utf-8"))["outs"][0]["md5"]
    except FileNotFoundError:
        return ""
    except (yaml.YAMLError, LookupError, TypeError) as error:
        raise CorpusError(f"{_pointer(dataset)} is damaged: {error}") from error


def version_name(dataset: Path, md5: str) -> str:
    """The dataset version's number if the file is as built, else the file's name."""
    facts = read_description(dataset)
    # A build that was killed half-way tells of the rows before it as well.
    for told in (facts, facts.get("before")):
        if isinstance(told, dict) and told.get("md5") == md5 and "version" in told:
            return str(told["version"])
    return dataset.stem


def pull(dataset: Path) -> bool:
    """Fetch the data that this commit names; False where it names none.

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
    # The exit code alone tells: DVC prints "Everything is up to date." on failed pulls as well.
    if done.returncode == 0:
        return True
    if dataset.exists() and file_md5(dataset) != pointer_md5(dataset):
        raise CorpusError(
            f"{dataset} is not the data that {_pointer(dataset).name} names: run `dvc add` "
            "if it is to replace it, or train with --no-pull"
        )
    raise CorpusError(
        f"dvc pull did not find the data that {_pointer(dataset)} names "
        f"(exit code {done.returncode}): look at `dvc remote list`, or `dvc push` where the data is"
    )
