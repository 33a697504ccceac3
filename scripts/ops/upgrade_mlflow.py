"""Upgrade the tables of an MLflow server's SQLite file before the server starts, and keep a copy.

python -m scripts.ops.upgrade_mlflow /mlflow/mlflow.db
"""

import argparse
import sys
from pathlib import Path

from mlmodel.error_summary import summarize
from mlmodel.lifecycle import mlflow_api
from mlmodel.lifecycle.mlflow_store import StoreOutdated, upgrade_tables


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("file", type=Path, help="need not exist: the server creates it")
    path = parser.parse_args().file
    if not path.exists():
        return
    try:
        backup = upgrade_tables(
            path, mlflow_api.table_revisions(), upgrade=mlflow_api.upgrade_tables
        )
    except (StoreOutdated, *mlflow_api.ERRORS) as error:
        sys.exit(f"{path} was not upgraded: {summarize(error)}")
    if backup:
        print(f"{path} was upgraded; {backup} is a copy of the old one.")


if __name__ == "__main__":
    main()
