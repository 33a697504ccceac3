"""What ``mlflow_registry`` uses of MLflow; importing it takes two seconds."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import mlflow as mlflow
import pandas as pd
import requests
from alembic.script import ScriptDirectory
from mlflow.data.dataset_source_registry import resolve_dataset_source
from mlflow.data.meta_dataset import MetaDataset
from mlflow.db import upgrade
from mlflow.environment_variables import (
    MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING as MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING,
)
from mlflow.exceptions import MlflowException
from mlflow.models import ModelSignature
from mlflow.types import ColSpec, DataType, Schema
from mlflow.types.schema import AnyType
from sqlalchemy.exc import SQLAlchemyError

from mlmodel.lifecycle.portable_model import library_copy, pip_requirements

if TYPE_CHECKING:
    from mlmodel.lifecycle.training_run import DatasetInput

ERRORS = (MlflowException, SQLAlchemyError, sqlite3.Error, requests.RequestException, OSError)


class ReviewDataset(MetaDataset):
    """A file of reviews: schema and profile, without its rows."""

    def __init__(self, *, profile: dict[str, float], **options: Any) -> None:
        self._profile = profile
        super().__init__(**options)

    @property
    def profile(self) -> dict[str, float]:
        return self._profile

    def to_dict(self) -> dict[str, str]:
        return super().to_dict() | {"profile": json.dumps(self.profile)}


def make_dataset(dataset: "DatasetInput") -> ReviewDataset:
    columns = [ColSpec(DataType[type_], name) for name, type_ in dataset.columns.items()]
    return ReviewDataset(
        source=resolve_dataset_source(dataset.path),
        name=dataset.name,
        digest=dataset.digest,
        schema=Schema([*columns]),
        profile=dataset.profile,
    )


EXAMPLE = ["A wonderful movie, and never dull.", "A waste of time."]


@contextmanager
def pyfunc_model(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield the arguments with which MLflow logs or saves a model folder as a pyfunc model."""
    with library_copy() as package:
        yield {
            "loader_module": "mlmodel.sentiment.mlflow_loader",
            "data_path": str(folder),
            "code_paths": [str(package)],
            "signature": model_signature(),
            "input_example": pd.DataFrame({"review": EXAMPLE}),
            "pip_requirements": pip_requirements(folder),
        }


def model_signature() -> ModelSignature:
    return ModelSignature(
        # Without a name, because MLflow would refuse lists, arrays and Series. Without a type,
        # because its server would turn null and numbers into text; PyfuncScorer checks the rows.
        inputs=Schema([ColSpec(AnyType())]),
        outputs=Schema([ColSpec(DataType.string, "label"), ColSpec(DataType.double, "p_positive")]),
    )


@cache
def table_revisions() -> list[str]:
    """Return the revisions of the tables of a store that this MLflow knows, newest first."""
    scripts = ScriptDirectory(str(Path(mlflow.__file__).parent / "store" / "db_migrations"))
    return [script.revision for script in scripts.walk_revisions()]


def upgrade_tables(url: str) -> None:
    """Run ``mlflow db upgrade``; its errors are raised."""
    upgrade.main([url], standalone_mode=False)
