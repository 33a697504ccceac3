"""Print where MLflow's UI shows the training runs: mlflow_address.py STORE PORT.

MLflow 3 opens on pages about language models, and an experiment too, unless the address names the
other workflow.
"""

import os
import sqlite3
import sys
from contextlib import closing
from pathlib import Path


def experiment_id(store: Path) -> str | None:
    if not store.exists():
        return None
    name = os.environ.get("MLFLOW_MODEL_NAME") or "sentiment"
    with closing(sqlite3.connect(store)) as database:
        try:
            row = database.execute(
                "SELECT experiment_id FROM experiments WHERE name = ?", [name]
            ).fetchone()
        except sqlite3.DatabaseError:  # MLflow reports what is wrong with it
            return None
    return str(row[0]) if row else None


def address(store: Path, port: str) -> str:
    site, experiment = f"http://localhost:{port}", experiment_id(store)
    if experiment is None:
        return f"{site} (none yet: `make train` logs the first)"
    return f"{site}/#/experiments/{experiment}/runs?workflowType=machine_learning"


if __name__ == "__main__":
    print(address(Path(sys.argv[1]), sys.argv[2]))
