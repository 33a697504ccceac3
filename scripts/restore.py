"""Bring a backup back: python scripts/restore.py /backup/20261125T024000.000000Z [--replace].

Stop the site first. Nothing is touched before every file has been found as the backup wrote it.
"""

import argparse
import json
import shutil
import sqlite3
import sys
import tarfile
from pathlib import Path

from backup import (
    DVC_MIRROR,
    MANIFEST,
    BackupError,
    checksum,
    copy_sqlite,
    mirror,
    postgres_arguments,
    run,
    start_django,
)


def check(copy: Path) -> None:
    """Raises BackupError if a file is missing or is not what was written."""
    try:
        files = json.loads((copy / MANIFEST).read_text(encoding="utf-8"))["files"]
    except FileNotFoundError as error:
        raise BackupError(f"{copy} is no whole backup: it has no {MANIFEST}") from error
    for name, expected in files.items():
        if not (copy / name).is_file() or checksum(copy / name) != expected:
            raise BackupError(f"{copy / name} is damaged or missing; take another backup")


def check_kind(copy: Path) -> None:
    from django.db import connection

    name = "database.dump" if connection.vendor == "postgresql" else "site.sqlite3"
    if not (copy / name).exists():
        raise BackupError(f"the backup is not of a {connection.display_name} database")


def is_empty() -> bool:
    from django.db import connection

    return not connection.introspection.table_names()


def restore_database(copy: Path) -> None:
    from django.db import connection

    connection.close()
    if connection.vendor == "postgresql":
        params = connection.get_connection_params()
        command = ["pg_restore", "--no-password", "--clean", "--if-exists", "--no-owner"]
        # All or nothing, so that a failure leaves the database as it was.
        command += ["--single-transaction", "--exit-on-error", *postgres_arguments(params)]
        command += ["--dbname", params["dbname"], str(copy / "database.dump")]
        run(command, params.get("password", ""))
    else:
        copy_sqlite(copy / "site.sqlite3", Path(connection.settings_dict["NAME"]))


def unpack(archive: Path, target: Path) -> None:
    """Put the archive's folder in the place of ``target``'s content."""
    if not archive.exists():
        return
    incoming = target / ".incoming"
    with tarfile.open(archive) as tar:
        tar.extractall(incoming, filter="data")
    (source,) = incoming.iterdir()
    for path in source.iterdir():
        there = target / path.name
        if there.is_dir():
            shutil.rmtree(there)
        path.rename(there)
    shutil.rmtree(incoming)


def restore_mlflow(copy: Path, store: Path) -> None:
    if not (copy / "mlflow.db").exists():
        raise BackupError("the backup has no MLflow store")
    store.mkdir(parents=True, exist_ok=True)
    copy_sqlite(copy / "mlflow.db", store / "mlflow.db")
    for name in ("artifacts", "mlartifacts"):
        if (copy / f"{name}.tar.gz").exists():
            (store / name).mkdir(exist_ok=True)
            unpack(copy / f"{name}.tar.gz", store / name)


def restore(copy: Path, *, replace: bool, mlflow: Path | None, dvc_remote: Path | None) -> None:
    from django.conf import settings

    check(copy)
    check_kind(copy)
    if not replace and not is_empty():
        raise BackupError("the database is not empty; --replace overwrites what is in it")
    restore_database(copy)
    settings.MODEL_STORE.mkdir(parents=True, exist_ok=True)
    unpack(copy / "models.tar.gz", settings.MODEL_STORE)
    if mlflow:
        restore_mlflow(copy, mlflow)
    if dvc_remote:
        mirror(copy.parent / DVC_MIRROR, dvc_remote)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("copy", type=Path, help="one of the folders that backup.py wrote")
    parser.add_argument(
        "--replace", action="store_true", help="overwrite a database that is in use"
    )
    parser.add_argument("--mlflow", type=Path, help="where MLflow's store goes")
    parser.add_argument("--dvc-remote", type=Path, help="where the DVC remote goes")
    told = vars(parser.parse_args(arguments))
    try:
        restore(told.pop("copy"), **told)
    except (BackupError, OSError, sqlite3.Error, tarfile.TarError) as error:
        sys.exit(f"Nothing was restored, or not all: {error}")
    print("Restored. Now: manage.py migrate, then manage.py recount.")


if __name__ == "__main__":
    start_django()
    main()
