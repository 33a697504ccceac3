"""Non-linear models on disk: skops files, loaded with our own list of trusted types."""

from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED

import skops.io
from sklearn.pipeline import Pipeline

from mlmodel.sentiment.errors import ModelUnavailable
from mlmodel.sentiment.io.model_folder import find_data, write_meta
from mlmodel.sentiment.models.calibration import Calibration

PIPELINE = "pipeline.skops"
# In addition to the types that skops itself trusts. A file with any other type is refused.
TRUSTED_TYPES = [
    "mlmodel.sentiment.features.text.ngrams",
    "mlmodel.sentiment.features.text.words",
    # The names in models saved before the package was divided.
    "mlmodel.sentiment.text.ngrams",
    "mlmodel.sentiment.text.words",
    "sklearn.tree._tree.Tree",
]


def save_pipeline(
    folder: Path, pipeline: Pipeline, calibration: Calibration, meta: dict[str, Any]
) -> None:
    """Save a model that is not linear.

    Two trainings on the same data give pipelines with the same predictions, but files with
    different bytes: skops names objects by their address in memory.

    Parameters
    ----------
    folder : Path
        Created if needed.
    pipeline : Pipeline
        Fitted.
    calibration : Calibration
    meta : dict
        Further JSON data for ``model.json``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    # skops would store every numpy integer as a file of its own in the archive.
    vectorizer = pipeline[0]
    vectorizer.vocabulary_ = {ngram: int(i) for ngram, i in vectorizer.vocabulary_.items()}
    skops.io.dump(pipeline, folder / PIPELINE, compression=ZIP_DEFLATED)
    write_meta(folder, meta | {"kind": "pipeline"}, calibration)


def load_pipeline(folder: Path) -> Pipeline:
    """Load a pipeline.

    Parameters
    ----------
    folder : Path
        As for ``load_scorer``.

    Raises
    ------
    ModelUnavailable
        If the file is missing, damaged, or contains a type that is not trusted.
    """
    path = find_data(folder) / PIPELINE
    try:
        unknown = set(skops.io.get_untrusted_types(file=path)) - set(TRUSTED_TYPES)
        if not unknown:
            return skops.io.load(path, trusted=TRUSTED_TYPES)
    except Exception as error:  # zip, json and skops each raise their own
        raise ModelUnavailable(f"{path} is damaged: {error}") from error
    raise ModelUnavailable(f"{path} contains a type that is not trusted: {sorted(unknown)[0]}")
