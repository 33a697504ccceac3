"""What ``mlflow_registry`` uses of MLflow; importing it takes two seconds."""

import mlflow as mlflow
import requests
from mlflow.data.dataset_source_registry import resolve_dataset_source
from mlflow.data.meta_dataset import MetaDataset
from mlflow.exceptions import MlflowException
from mlflow.models import ModelSignature
from mlflow.types import ColSpec, DataType, Schema
from sqlalchemy.exc import SQLAlchemyError

ERRORS = (MlflowException, SQLAlchemyError, requests.RequestException, OSError)


def make_dataset(path: str, *, name: str, digest: str) -> MetaDataset:
    source = resolve_dataset_source(path)
    return MetaDataset(source=source, name=name, digest=digest)  # type: ignore[abstract]


def model_signature() -> ModelSignature:
    return ModelSignature(
        inputs=Schema([ColSpec(DataType.string, "review")]),
        outputs=Schema([ColSpec(DataType.string, "label"), ColSpec(DataType.double, "p_positive")]),
    )
