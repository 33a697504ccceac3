"""The folder of the demo: a copy of the code with a git history, data and database of its own."""

import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
MARK = ".loop-demo"  # only a folder with this file is emptied
# Without PRETRAINED_MODEL the site starts with the shipped model, which no generated corpus beats.
SITE_ENV = """\
DEBUG=true
LOG_LEVEL=WARNING
PRETRAINED_MODEL=var/no-model
"""
GIT_CONFIG = """\
[user]
\tname = Loop Demo
\temail = demo@potatoes.example
[init]
\tdefaultBranch = main
[advice]
\tdetachedHead = false
"""
INHERITED = ("PATH", "LANG", "LC_ALL", "TMPDIR", "SSL_CERT_FILE")
NEEDED = {"git": "git", "curl": "curl"}


class WorkspaceError(Exception):
    """The demo cannot start; the message says what to do."""


def prepare(out: Path) -> Path:
    """Empty the folder, copy the code into it, and return the copy."""
    for program, package in NEEDED.items():
        if not shutil.which(program):
            raise WorkspaceError(f"{program} is not installed. On Debian: apt install {package}")
    _empty(out)
    site = out / "site"
    _copy_code(site)
    (site / ".venv").symlink_to(ROOT / ".venv")
    home = out / "home"  # git, DVC and matplotlib keep settings and caches there
    home.mkdir()
    (home / ".gitconfig").write_text(GIT_CONFIG, encoding="utf-8")
    (site / ".env").write_text(SITE_ENV, encoding="utf-8")
    return site


def environment(site: Path) -> dict[str, str]:
    """Return what the commands run with: nothing of the developer's own settings."""
    home = site.parent / "home"
    return {name: os.environ[name] for name in INHERITED if name in os.environ} | {
        "PATH": f"{site}/.venv/bin:{os.environ['PATH']}",
        "HOME": str(home),
        "DVC_SITE_CACHE_DIR": str(home / "dvc"),
        "DO_NOT_TRACK": "1",
        "DVC_NO_ANALYTICS": "1",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "GIT_CONFIG_NOSYSTEM": "1",
        "PYTHONUNBUFFERED": "1",
    }


def _empty(out: Path) -> None:
    if out.exists() and not (out / MARK).exists() and any(out.iterdir()):
        raise WorkspaceError(
            f"{out} has other files, and the demo empties its folder. Name a new one: "
            "make loop-demo OUT=var/loop-demo"
        )
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    (out / MARK).touch()


def _copy_code(site: Path) -> None:
    """Copy every file that git tracks or would track, so that uncommitted changes are shown."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        source, target = ROOT / name, site / name
        if source.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
