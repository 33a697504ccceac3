"""Reading many texts, here or on a machine to which the model travels as bytes."""

import io
import tarfile
import tempfile
from collections.abc import Sequence
from pathlib import Path

from mlmodel.sentiment.io.loader import load_scorer
from mlmodel.sentiment.io.model_folder import find_data
from mlmodel.sentiment.models.prediction import Prediction
from mlmodel.sentiment.models.scorer import Scorer

_loaded: dict[str, Scorer] = {}  # checksum -> scorer; one, the newest


def predict_each(scorer: Scorer, texts: Sequence[str]) -> list[Prediction | None]:
    """A prediction for each text, None where the scorer stumbles: the others are read."""
    try:
        predictions: list[Prediction | None] = list(scorer.predict_many(texts))
    except Exception:
        predictions = [_predict_one(scorer, text) for text in texts]
    return [found if found and 0 <= found.p_positive <= 1 else None for found in predictions]


def _predict_one(scorer: Scorer, text: str) -> Prediction | None:
    try:
        return scorer.predict(text)
    except Exception:
        return None


def pack_model(folder: Path) -> bytes:
    """A model's data files as a tar archive.

    Raises
    ------
    ModelUnavailable
        If the folder holds no model.
    """
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for path in sorted(find_data(folder).iterdir()):
            if path.is_file():
                archive.add(path, arcname=path.name)
    return buffer.getvalue()


def predict_packed(packed: bytes, checksum: str, texts: Sequence[str]) -> list[Prediction | None]:
    """``predict_each`` by the packed model, which a process unpacks and loads once.

    Raises
    ------
    ModelUnavailable
        If what arrived is not the model of that checksum.
    """
    if checksum not in _loaded:
        with tempfile.TemporaryDirectory() as folder:
            with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
                archive.extractall(folder, filter="data")
            scorer = load_scorer(Path(folder), checksum=checksum)
        _loaded.clear()
        _loaded[checksum] = scorer
    return predict_each(_loaded[checksum], texts)
