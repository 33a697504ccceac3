"""Back up database, model store, MLflow's store and the DVC remote into a new folder.

python -m scripts.ops.backup /backup [--mlflow var] [--dvc-remote var/dvc-remote] [--keep 14]

A copy gets its final name only when it is complete. The DVC remote is stored once for all copies,
because its files are named by content and never change.
"""

import argparse
import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tarfile
from datetime import UTC, datetime
from pathlib import Path

from common.files import atomic_write
from common.sqlite_files import copy_sqlite

ROOT = Path(__file__).resolve().parents[2]
MANIFEST = "manifest.json"
PARTIAL = ".partial"
DVC_MIRROR = "dvc-remote"


class BackupError(Exception):
    """The message is one sentence for the operator."""


def start_django() -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rottenpotatoes.settings")
    django.setup()


def run(command: list[str], env: dict[str, str]) -> None:
    """Run a program; raise BackupError with the last line of its errors."""
    try:
        done = subprocess.run(command, env=env, text=True, capture_output=True)
    except FileNotFoundError as error:
        raise BackupError(f"{command[0]} is not installed") from error
    if done.returncode:
        raise BackupError(f"{command[0]} failed: {last_line(done.stderr)}")


def last_line(output: str) -> str:
    return (output.strip().splitlines() or ["no reason given"])[-1]


def postgres_address() -> tuple[list[str], dict[str, str]]:
    """Return arguments with the database's address, and an environment with its password."""
    from django.db import connection

    command, env = connection.client.settings_to_cmd_args_env(connection.settings_dict, [])
    return list(command[1:]), os.environ | (env or {})


def dump_database(folder: Path) -> None:
    from django.db import connection

    if connection.vendor == "postgresql":
        address, env = postgres_address()
        target = f"--file={folder / 'database.dump'}"
        run(["pg_dump", "--no-password", "--format=custom", target, *address], env)
    else:
        copy_database_file(Path(connection.settings_dict["NAME"]), folder / "site.sqlite3")


def copy_database_file(source: Path, target: Path) -> None:
    if not source.is_file():
        raise BackupError(f"there is no database {source}")
    copy_sqlite(source, target)


def pack(source: Path, target: Path, *, leave_out: tuple[str, ...] = ()) -> None:
    def included(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
        return None if member.name.partition("/")[2] in leave_out else member

    with tarfile.open(target, "w:gz", compresslevel=3) as tar:
        tar.add(source, arcname=target.name.partition(".")[0], filter=included)


def pack_mlflow(store: Path, folder: Path) -> None:
    """Copy MLflow's SQLite file and the artifacts beside it."""
    copy_database_file(store / "mlflow.db", folder / "mlflow.db")
    for name in ("artifacts", "mlartifacts"):
        if (store / name).is_dir():
            pack(store / name, folder / f"{name}.tar.gz")


def mirror(source: Path, target: Path) -> None:
    """Copy missing files."""
    for path in sorted(source.rglob("*")):
        copy = target / path.relative_to(source)
        if not path.is_file() or copy.exists():
            continue
        copy.parent.mkdir(parents=True, exist_ok=True)
        with path.open("rb") as original, atomic_write(copy) as stream:
            shutil.copyfileobj(original, stream)


def checksum(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def write_manifest(folder: Path) -> None:
    from django.conf import settings

    files = {path.name: checksum(path) for path in sorted(folder.iterdir())}
    manifest = {"at": datetime.now(UTC).isoformat(), "image": settings.IMAGE_TAG, "files": files}
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


def back_up(target: Path, *, mlflow: Path | None, dvc_remote: Path | None) -> Path:
    from django.conf import settings

    name = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    folder = target / (name + PARTIAL)
    folder.mkdir(parents=True)
    try:
        dump_database(folder)
        if settings.MODEL_STORE.is_dir():
            pack(settings.MODEL_STORE, folder / "models.tar.gz")
        if mlflow:
            pack_mlflow(mlflow, folder)
        write_manifest(folder)
        if dvc_remote:
            mirror(dvc_remote, target / DVC_MIRROR)
        return folder.rename(target / name)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def remove_old(target: Path, keep: int) -> list[Path]:
    """Remove all complete copies but the newest ones."""
    old = sorted(path.parent for path in target.glob(f"*Z/{MANIFEST}"))[:-keep]
    for folder in old:
        shutil.rmtree(folder)
    return old


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("target", type=Path, help="a folder on another disk")
    parser.add_argument("--mlflow", type=Path, help="the folder with mlflow.db and the artifacts")
    parser.add_argument("--dvc-remote", type=Path, help="the folder of the DVC remote")
    parser.add_argument("--keep", type=int, default=14, help="number of copies to keep")
    options = parser.parse_args()
    if options.keep < 1:
        parser.error("--keep must be 1 or more")
    try:
        copy = back_up(options.target, mlflow=options.mlflow, dvc_remote=options.dvc_remote)
        removed = remove_old(options.target, options.keep)
    except (BackupError, OSError, sqlite3.Error) as error:
        sys.exit(f"No backup was made: {error}")
    print(f"{copy} is complete; {len(removed)} older copies removed.")


if __name__ == "__main__":
    start_django()
    main()
