"""A git repository with data in DVC, and its remote, made by the real DVC."""

import json
import os
import sys
from pathlib import Path

from mlmodel.lifecycle.lineage import file_md5
from tests import support

DVC = [sys.executable, "-m", "dvc"]
QUIET = {
    **{key: value for key, value in os.environ.items() if not key.startswith("GIT_")},
    "DVC_NO_ANALYTICS": "1",
    "GIT_AUTHOR_NAME": "t",
    "GIT_AUTHOR_EMAIL": "t@example.org",
    "GIT_COMMITTER_NAME": "t",
    "GIT_COMMITTER_EMAIL": "t@example.org",
}
CONFIG = """\
[core]
    analytics = false
    check_update = false
    autostage = true
    remote = local
['remote "local"']
    url = {remote}
"""


def run(folder: Path, *command: str | Path) -> str:
    return support.run(*command, cwd=folder, env=QUIET).stdout


def make_repository(project: Path, remote: Path) -> None:
    project.mkdir()
    run(project, "git", "init", "-q", "-b", "main")
    run(project, *DVC, "init", "-q")
    (project / ".dvc" / "config").write_text(CONFIG.format(remote=remote))
    run(project, "git", "add", ".dvc/config", ".dvcignore")


def add_and_push(project: Path, content: str, tag: str) -> None:
    (project / "train.csv").write_text(content)
    run(project, *DVC, "add", "train.csv")
    facts = {"version": int(tag[-1]), "md5": file_md5(project / "train.csv"), "reviews": 1}
    (project / "train.json").write_text(json.dumps(facts))
    run(project, "git", "add", "train.json")
    run(project, *DVC, "push")
    run(project, "git", "commit", "-qm", tag)
    run(project, "git", "tag", tag)
