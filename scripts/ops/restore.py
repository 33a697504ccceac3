"""Restore a backup: python -m scripts.ops.restore /backup/20261125T024000.000000Z [--replace].

Stop the site first. Nothing is changed before every file of the backup has been verified.
"""

import argparse
import json
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import IO, cast

from common.sqlite_files import copy_sqlite
from scripts.ops.backup import (
    DVC_MIRROR,
    MANIFEST,
    BackupError,
    checksum,
    last_line,
    mirror,
    postgres_address,
    start_django,
)

# Also drop tables of migrations after the backup: their foreign keys would block the restore.
DROP_TABLES = """
DO $$ DECLARE name text; BEGIN
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE format('DROP TABLE public.%I CASCADE', name);
    END LOOP;
END $$;
"""


def check(copy: Path) -> None:
    """Raises BackupError if a file is missing or is not what was written."""
    try:
        files = json.loads((copy / MANIFEST).read_text(encoding="utf-8"))["files"]
    except FileNotFoundError as error:
        raise BackupError(f"{copy} is not a complete backup: it has no {MANIFEST}") from error
    for name, expected in files.items():
        if not (copy / name).is_file() or checksum(copy / name) != expected:
            raise BackupError(f"{copy / name} is damaged or missing; use another backup")


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
        restore_postgres(copy / "database.dump")
    else:
        copy_sqlite(copy / "site.sqlite3", Path(connection.settings_dict["NAME"]))


def restore_postgres(dump: Path) -> None:
    """Restore all or nothing: only the final COMMIT changes the database.

    The dump is piped instead of written to a file, for which a pod may not have enough disk.
    """
    read = ["pg_restore", "--clean", "--if-exists", "--no-owner", "--file=-", str(dump)]
    write = ["psql", "--no-password", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1"]
    address, env = postgres_address()
    try:
        with tempfile.TemporaryFile("w+") as errors:
            with subprocess.Popen(
                write + address,
                env=env,
                bufsize=0,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=errors,
            ) as writer:
                is_complete = copy_to(writer, read, errors)
            if writer.returncode or not is_complete:
                errors.seek(0)
                raise BackupError(f"the database was not restored: {reason(errors.read())}")
    except FileNotFoundError as error:
        raise BackupError(f"{error.filename} is not installed") from error


def reason(output: str) -> str:
    """Return the first error, because it causes those after it."""
    lines = output.strip().splitlines()
    return next((line for line in lines if "error" in line.lower()), last_line(output))


def copy_to(writer: subprocess.Popen, read: list[str], errors: IO[str]) -> bool:
    """Write the output of ``read`` as one transaction; return whether it was complete."""
    stdin = cast(IO[bytes], writer.stdin)
    try:
        stdin.write(f"BEGIN;{DROP_TABLES}".encode())
        stdin.flush()
        is_read = subprocess.run(read, stdout=stdin, stderr=errors).returncode == 0
        stdin.write(b"COMMIT;\n" if is_read else b"ROLLBACK;\n")
        stdin.flush()
    except BrokenPipeError:  # psql has exited after an error, which it has printed
        return False
    return is_read


def unpack(archive: Path, target: Path) -> None:
    """Replace the entries of ``target`` by those of the archive's folder."""
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
        raise BackupError("the database is not empty; use --replace to overwrite it")
    restore_database(copy)
    settings.MODEL_STORE.mkdir(parents=True, exist_ok=True)
    unpack(copy / "models.tar.gz", settings.MODEL_STORE)
    if mlflow:
        restore_mlflow(copy, mlflow)
    if dvc_remote:
        mirror(copy.parent / DVC_MIRROR, dvc_remote)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("copy", type=Path, help="a folder that backup.py has written")
    parser.add_argument(
        "--replace", action="store_true", help="overwrite a database that is in use"
    )
    parser.add_argument("--mlflow", type=Path, help="the folder to restore MLflow's store to")
    parser.add_argument("--dvc-remote", type=Path, help="the folder to restore the DVC remote to")
    options = vars(parser.parse_args())
    try:
        restore(options.pop("copy"), **options)
    except (BackupError, OSError, sqlite3.Error, tarfile.TarError) as error:
        sys.exit(f"The restore failed or is incomplete: {error}")
    print("Restored. Next, run manage.py migrate and manage.py recount.")


if __name__ == "__main__":
    start_django()
    main()
