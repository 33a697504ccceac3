"""What a model said of held-out texts, kept with it.

A model that is fitted again on all reviews has seen the held-out ones: asked again it would
know them by heart. So every training writes down what its model said before, into the model's
own folder. There it travels wherever the model goes (registry, store, image) and is part of its
checksum: nobody improves a model's marks afterwards.
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
    """Write what was said of n texts; the same gives the same bytes."""
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    rows = {
        text_hash(text): (f"{p:.6f}", int(known))
        for text, p, known in zip(texts, p_positive, readable, strict=True)
    }
    writer.writerows((key, *said) for key, said in sorted(rows.items()))
    # Without mtime the file would tell when it was written.
    (folder / FILE).write_bytes(gzip.compress(lines.getvalue().encode(), mtime=0))


def load_predictions(folder: Path) -> CachedPredictions:
    """What the model in a folder said of its held-out texts; empty if nothing was kept.

    Raises
    ------
    ModelUnavailable
        If there is no model, or the file is damaged.
    """
    path = find_data(folder) / FILE
    try:
        with gzip.open(path, "rt", newline="") as stream:
            return {key: (float(p), known == "1") for key, p, known in csv.reader(stream)}
    except FileNotFoundError:
        return {}
    except (OSError, EOFError, ValueError, csv.Error) as error:
        raise ModelUnavailable(f"{path} is damaged: {error}") from error


def look_up(
    cached: CachedPredictions, texts: Sequence[str]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """What was said of n texts: p_positive (NaN where nothing was) and readable, shape (n,)."""
    found = [cached.get(text_hash(text), (np.nan, False)) for text in texts]
    return np.array([p for p, _ in found]), np.array([known for _, known in found])
