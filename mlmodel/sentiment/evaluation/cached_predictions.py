"""A model's predictions for held-out texts, saved with it.

A model that is fitted again on all reviews has seen the held-out ones, so its new predictions for
them would be too good. Every training saves the predictions made before that in the model's folder.
They go wherever the model goes (registry, store, image) and are part of its checksum.
"""

import csv
import gzip
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mlmodel.sentiment.data.corpus import text_hash
from mlmodel.sentiment.errors import ModelUnavailable
from mlmodel.sentiment.io.model_folder import find_data

FILE = "held_out.csv.gz"
CachedPredictions = Mapping[str, tuple[float, bool]]  # text_hash(text) -> p_positive, readable


def save_predictions(
    folder: Path,
    texts: Sequence[str],
    p_positive: NDArray[np.float64],
    readable: NDArray[np.bool_],
) -> None:
    """Save a model's predictions in its folder; equal predictions give equal bytes.

    Parameters
    ----------
    folder : Path
        The folder with ``model.json``.
    texts : sequence of str, length n
        Only their ``text_hash`` is saved.
    p_positive : float array, shape (n,)
        Saved with six digits.
    readable : bool array, shape (n,)
    """
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    rows = {
        text_hash(text): (f"{p:.6f}", int(is_readable))
        for text, p, is_readable in zip(texts, p_positive, readable, strict=True)
    }
    writer.writerows((key, *values) for key, values in sorted(rows.items()))
    # mtime=0: the bytes must not depend on the time.
    (folder / FILE).write_bytes(gzip.compress(lines.getvalue().encode(), mtime=0))


def load_predictions(folder: Path) -> CachedPredictions:
    """Load the predictions that a model saved for its held-out texts.

    Parameters
    ----------
    folder : Path
        As for ``load_scorer``.

    Returns
    -------
    mapping
        From ``text_hash`` to (p_positive, readable); empty if the model has saved none.

    Raises
    ------
    ModelUnavailable
        If there is no model, or the file is damaged.
    """
    path = find_data(folder) / FILE
    try:
        with gzip.open(path, "rt", newline="") as stream:
            return {key: (float(p), flag == "1") for key, p, flag in csv.reader(stream)}
    except FileNotFoundError:
        return {}
    except (OSError, EOFError, ValueError, csv.Error) as error:
        raise ModelUnavailable(f"{path} is damaged: {error}") from error


def look_up(
    cached: CachedPredictions, texts: Sequence[str]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the cached predictions of n texts.

    Parameters
    ----------
    cached : mapping
        As from ``load_predictions``.
    texts : sequence of str, length n

    Returns
    -------
    p_positive : float array, shape (n,)
        NaN where the text has no prediction.
    readable : bool array, shape (n,)
    """
    rows = [cached.get(text_hash(text), (np.nan, False)) for text in texts]
    return np.array([p for p, _ in rows]), np.array([readable for _, readable in rows])
