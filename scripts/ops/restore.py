"""Bring a backup back: python -m scripts.ops.restore /backup/20261125T024000.000000Z [--replace].

Stop the site first. Nothing is touched before every file has been found as the backup wrote it.
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
from typing import IO, Any, cast

from scripts.ops.backup import (
    DVC_MIRROR,
    MANIFEST,
    BackupError,
    checksum,
    copy_sqlite,
    last_line,
    mirror,
    postgres_arguments,
    start_django,
    with_password,
)

# Tables of migrations after the backup, too: they would stand in the way of what they refer to.
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
        restore_postgres(copy / "database.dump", connection.get_connection_params())
    else:
        copy_sqlite(copy / "site.sqlite3", Path(connection.settings_dict["NAME"]))


def restore_postgres(dump: Path, params: dict[str, Any]) -> None:
    """All or nothing: without the last word, COMMIT, the database stays as it was."""
    read = ["pg_restore", "--clean", "--if-exists", "--no-owner", "--file=-", str(dump)]
    write = ["psql", "--no-password", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1"]
    write += [*postgres_arguments(params), f"--dbname={params['dbname']}"]
    env = with_password(params.get("password", ""))
    try:
        with tempfile.TemporaryFile("w+") as errors:
            with subprocess.Popen(
                write,
                env=env,
                bufsize=0,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=errors,
            ) as writer:
                is_read = tell(writer, read, errors)
            if writer.returncode or not is_read:
                errors.seek(0)
                raise BackupError(f"the database was not restored: {reason(errors.read())}")
    except FileNotFoundError as error:
        raise BackupError(f"{error.filename} is not installed") from error


def reason(said: str) -> str:
    """The first error: what is said after it comes of it."""
    lines = said.strip().splitlines()
    return next((line for line in lines if "error" in line.lower()), last_line(said))


def tell(writer: subprocess.Popen, read: list[str], errors: IO[str]) -> bool:
    """Everything that ``read`` says, to ``writer``, as one transaction; whether it was whole."""
    stdin = cast(IO[bytes], writer.stdin)
    try:
        stdin.write(f"BEGIN;{DROP_TABLES}".encode())
        stdin.flush()
        is_read = subprocess.run(read, stdout=stdin, stderr=errors).returncode == 0
        stdin.write(b"COMMIT;\n" if is_read else b"ROLLBACK;\n")
        stdin.flush()
    except BrokenPipeError:  # psql has refused something, and has said what
        return False
    return is_read


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
