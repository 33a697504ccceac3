"""A model that is not linear on disk: skops, read against our own list of types."""

import io
import re
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from sklearn.pipeline import Pipeline

from mlmodel.sentiment.errors import ModelUnavailable
from mlmodel.sentiment.io.model_folder import find_data, write_meta
from mlmodel.sentiment.models.calibration import Calibration

PIPELINE, SCHEMA = "pipeline.skops", "schema.json"
# Where an object's name stands in the schema: a number, or a file called by one or at random.
_BY_CHANCE = re.compile(r'("__id__": |"file": ")([0-9]+|[0-9a-f-]{36})(?=[,.\s}])')
# Beside what skops itself knows to be harmless. A file that brings anything else is refused.
TRUSTED_TYPES = [
    "mlmodel.sentiment.features.text.ngrams",
    "mlmodel.sentiment.features.text.words",
    # As named by models saved before the package was divided.
    "mlmodel.sentiment.text.ngrams",
    "mlmodel.sentiment.text.words",
    "sklearn.tree._tree.Tree",
]


def save_pipeline(
    folder: Path, pipeline: Pipeline, calibration: Calibration, meta: dict[str, Any]
) -> None:
    """Write a pipeline's files into ``folder``, which is made if needed."""
    import skops.io

    folder.mkdir(parents=True, exist_ok=True)
    # As numpy integers each number would become a file of its own in the archive.
    vectorizer = pipeline[0]
    vectorizer.vocabulary_ = {ngram: int(i) for ngram, i in vectorizer.vocabulary_.items()}
    (folder / PIPELINE).write_bytes(_without_chance(skops.io.dumps(pipeline)))
    write_meta(folder, meta | {"kind": "pipeline"}, calibration)


def _without_chance(archive: bytes) -> bytes:
    """The same archive without what differs from one process to the next.

    skops calls objects by their place in memory, or by a random name, and a zip file tells
    when it was written. Here they are numbered in the order of the schema, and it is 1980.
    """
    rewritten = io.BytesIO()
    with ZipFile(io.BytesIO(archive)) as old, ZipFile(rewritten, "w") as new:
        schema = old.read(SCHEMA).decode()
        numbers: dict[str, str] = {}
        for found in _BY_CHANCE.finditer(schema):
            numbers.setdefault(found[2], str(len(numbers)))
        schema = _BY_CHANCE.sub(lambda found: found[1] + numbers[found[2]], schema)
        files = {_renamed(name, numbers): old.read(name) for name in old.namelist()}
        files[SCHEMA] = schema.encode()
        for name in sorted(files):
            new.writestr(ZipInfo(name), files[name], compress_type=ZIP_DEFLATED)
    return rewritten.getvalue()


def _renamed(name: str, numbers: dict[str, str]) -> str:
    stem, dot, ending = name.partition(".")
    return numbers.get(stem, stem) + dot + ending


def load_pipeline(folder: Path) -> Pipeline:
    """Read a pipeline back.

    Raises
    ------
    ModelUnavailable
        If the file is missing, damaged, or brings a type that is not on our list.
    """
    import skops.io

    path = find_data(folder) / PIPELINE
    try:
        unknown = set(skops.io.get_untrusted_types(file=path)) - set(TRUSTED_TYPES)
        if not unknown:
            return skops.io.load(path, trusted=TRUSTED_TYPES)
    except Exception as error:  # zip, json and skops each raise their own
        raise ModelUnavailable(f"{path} is damaged: {error}") from error
    raise ModelUnavailable(f"{path} brings a type that is not trusted: {sorted(unknown)[0]}")
