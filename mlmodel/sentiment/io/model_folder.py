"""Model folders: plain arrays and JSON, without code or pickle.

An MLflow model folder around one also has code, for MLflow alone: it is neither part of the
checksum nor ever run by the library.
"""

import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from mlmodel.sentiment.errors import ModelUnavailable
from mlmodel.sentiment.features.linear import LinearNgrams
from mlmodel.sentiment.io.files import atomic_write
from mlmodel.sentiment.models.calibration import Calibration

FORMAT = 1
META, ARRAYS = "model.json", "model.npz"


def find_data(folder: Path) -> Path:
    """Return the folder that contains ``model.json``.

    Parameters
    ----------
    folder : Path
        That folder itself, or an MLflow model folder around it.

    Raises
    ------
    ModelUnavailable
        If there is none, or it cannot be read.
    """
    try:
        for candidate in (folder, folder / "data", *sorted(folder.glob("data/*/"))):
            if (candidate / META).is_file():
                return candidate
    except OSError as error:
        raise ModelUnavailable(f"{folder} cannot be read: {error}") from error
    raise ModelUnavailable(f"there is no model in {folder}: {META} is missing")


def folder_checksum(folder: Path) -> str:
    """Return the SHA-256 of the names and contents of a model's data files.

    Parameters
    ----------
    folder : Path
        As for ``find_data``.

    Returns
    -------
    str
        64 hex digits.

    Raises
    ------
    ModelUnavailable
        If the folder holds no model, or its files cannot be read.
    """
    data = find_data(folder)
    digest = hashlib.sha256()
    try:
        for path in sorted(data.iterdir()):
            if path.is_file():
                content = path.read_bytes()
                digest.update(f"{path.name} {len(content)}\n".encode() + content)
    except OSError as error:
        raise ModelUnavailable(f"{data} cannot be read: {error}") from error
    return digest.hexdigest()


def save_linear(
    folder: Path, model: LinearNgrams, calibration: Calibration, meta: dict[str, Any]
) -> None:
    """Save a linear model; equal models give equal bytes.

    Parameters
    ----------
    folder : Path
        Created if needed.
    model : LinearNgrams
    calibration : Calibration
    meta : dict
        Further JSON data for ``model.json``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    arrays: dict[str, Any] = {
        "tokens": np.frombuffer("\n".join(model.tokens).encode(), np.uint8),
        # Differences of sorted keys are small numbers, which compress well.
        "key_steps": np.diff(model.keys, prepend=np.int64(0)),
        "weights": model.weights,
    }
    if model.scales is not None:
        arrays["scales"] = model.scales
    np.savez_compressed(folder / ARRAYS, **arrays)
    write_meta(
        folder,
        meta
        | {
            "kind": "linear",
            "intercept": model.intercept,
            "counting": model.counting,
            "max_n": model.max_n,
            "is_normalised": model.is_normalised,
        },
        calibration,
    )


def write_meta(folder: Path, meta: dict[str, Any], calibration: Calibration) -> None:
    """Write ``model.json`` atomically.

    Parameters
    ----------
    folder : Path
    meta : dict
        JSON data.
    calibration : Calibration
    """
    content = meta | {
        "format": FORMAT,
        "calibration": asdict(calibration),
    }
    with atomic_write(folder / META) as stream:
        stream.write(json.dumps(content, indent=1, sort_keys=True) + "\n")


def read_meta(folder: Path) -> dict[str, Any]:
    """Read ``model.json``.

    Raises
    ------
    ModelUnavailable
        If it is missing, damaged, or in a format that this version does not read.
    """
    path = find_data(folder) / META
    try:
        meta = json.loads(path.read_text(encoding="utf-8"))
        is_readable = meta["format"] == FORMAT
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelUnavailable(f"{path} is damaged: {error}") from error
    if not is_readable:
        raise ModelUnavailable(f"{path} has format {meta['format']!r}; this version reads {FORMAT}")
    return meta


def read_calibration(meta: dict[str, Any]) -> Calibration:
    """Return the calibration in the content of ``model.json``.

    Raises
    ------
    ModelUnavailable
        If it is missing or damaged.
    """
    try:
        return Calibration(**{name: float(value) for name, value in meta["calibration"].items()})
    except (KeyError, AttributeError, TypeError, ValueError) as error:
        raise ModelUnavailable(f"the calibration in {META} is damaged: {error!r}") from error


def load_linear(folder: Path, meta: dict[str, Any]) -> LinearNgrams:
    """Load a linear model.

    Parameters
    ----------
    folder : Path
        As for ``find_data``.
    meta : dict
        As from ``read_meta``.

    Raises
    ------
    ModelUnavailable
        If the file is missing or damaged.
    """
    path = find_data(folder) / ARRAYS
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return LinearNgrams(
                tokens=bytes(arrays["tokens"]).decode().split("\n"),
                keys=np.cumsum(arrays["key_steps"]),
                weights=arrays["weights"],
                intercept=float(meta["intercept"]),
                is_normalised=bool(meta["is_normalised"]),
                scales=arrays.get("scales", None),
                counting=meta["counting"],
                max_n=int(meta["max_n"]),
            )
    except Exception as error:  # zip, zlib, numpy and unicode raise errors of their own
        raise ModelUnavailable(f"{path} is damaged: {error}") from error
