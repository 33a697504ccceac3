"""What ``mlflow_registry`` uses of MLflow; importing it takes two seconds."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import mlflow as mlflow
import pandas as pd
import requests
from mlflow.data.dataset_source_registry import resolve_dataset_source
from mlflow.data.meta_dataset import MetaDataset
from mlflow.exceptions import MlflowException
from mlflow.models import ModelSignature
from mlflow.types import ColSpec, DataType, Schema
from mlflow.types.schema import AnyType
from sqlalchemy.exc import SQLAlchemyError

from mlmodel.lifecycle.portable_model import library_copy, pip_requirements

ERRORS = (MlflowException, SQLAlchemyError, requests.RequestException, OSError)


def make_dataset(path: str, *, name: str, digest: str) -> MetaDataset:
    source = resolve_dataset_source(path)
    return MetaDataset(source=source, name=name, digest=digest)  # type: ignore[abstract]


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
