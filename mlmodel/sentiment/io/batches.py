"""Predict many texts, in this process or in another one that receives the model as bytes."""

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
    """Predict each text on its own, so that one failure does not lose the others.

    Parameters
    ----------
    scorer : Scorer
    texts : sequence of str, length n

    Returns
    -------
    list of (Prediction or None), length n
        None where the scorer raises, or returns a probability outside 0.0-1.0.

    Examples
    --------
    >>> from mlmodel.sentiment import load_scorer, predict_each
    >>> [p.label for p in predict_each(load_scorer("mlmodel/pretrained"), ["Superb!", "Dull."])]
    ['positive', 'negative']
    """
    try:
        predictions: list[Prediction | None] = list(scorer.predict_many(texts))
    except Exception:
        predictions = [_predict_one(scorer, text) for text in texts]
    return [p if p and 0 <= p.p_positive <= 1 else None for p in predictions]


def _predict_one(scorer: Scorer, text: str) -> Prediction | None:
    try:
        return scorer.predict(text)
    except Exception:
        return None


def pack_model(folder: Path) -> bytes:
    """Pack a model's data files into a tar archive.

    Parameters
    ----------
    folder : Path
        As for ``load_scorer``.

    Returns
    -------
    bytes

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
    """Call ``predict_each`` with a packed model, which each process loads once.

    Parameters
    ----------
    packed : bytes
        As from ``pack_model``.
    checksum : str
        The model's ``folder_checksum``.
    texts : sequence of str, length n

    Returns
    -------
    list of (Prediction or None), length n

    Raises
    ------
    ModelUnavailable
        If the model does not match the checksum.
    """
    if checksum not in _loaded:
        with tempfile.TemporaryDirectory() as folder:
            with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
                archive.extractall(folder, filter="data")
            scorer = load_scorer(Path(folder), checksum=checksum)
        _loaded.clear()
        _loaded[checksum] = scorer
    return predict_each(_loaded[checksum], texts)
