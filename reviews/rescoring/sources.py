"""Who reads in a rescoring: this process or a cluster, and which release."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

from mlmodel.lifecycle import releases
from mlmodel.models import Release
from mlmodel.sentiment.errors import ModelUnavailable
from mlmodel.sentiment.io.batches import predict_each
from mlmodel.sentiment.io.loader import load_scorer
from mlmodel.sentiment.io.model_folder import folder_checksum
from mlmodel.sentiment.models.scorer import Scorer
from mlmodel.serving.champion import get_served
from reviews.rescoring.rescore import Batch, Predictions

Readings = Iterator[tuple[Batch, Predictions]]


class Reader(NamedTuple):
    scorer: Scorer
    release: Release


def choose(version: str | None) -> Reader:
    """The release of that version, or the champion, with its scorer.

    Raises
    ------
    SentimentError
        If there is no such release, or it cannot be loaded.
    """
    if version:
        release = releases.find(version)
        folder = settings.MODEL_STORE / release.checksum
        return Reader(load_scorer(folder, checksum=release.checksum), release)
    served = get_served()
    champion = Release.objects.champion()
    # A process whose champion is damaged serves what it has; that is no reason to read
    # every review with it.
    if served.release is None or (champion and champion != served.release):
        raise ModelUnavailable(f"release {champion or 'of the code'} cannot be loaded")
    return Reader(served.scorer, served.release)


@contextmanager
def open_readings(
    reader: Reader, dask: str | None
) -> Iterator[Callable[[Iterable[Batch]], Readings]]:
    """What turns batches into readings, while the cluster that it may need is connected."""
    if not dask:
        yield partial(_read_here, reader)
        return
    from mlmodel.training.dask_cluster import connect, read_batches

    checksum = reader.release.checksum
    with connect(dask) as client:
        yield lambda batches: read_batches(client, _folder(checksum), checksum, batches, _texts)


def _read_here(reader: Reader, batches: Iterable[Batch]) -> Readings:
    for batch in batches:
        yield batch, predict_each(reader.scorer, _texts(batch))


def _texts(batch: Batch) -> list[str]:
    return [review.text for review in batch]


def _folder(checksum: str) -> Path:
    kept = settings.MODEL_STORE / checksum
    if kept.exists() or folder_checksum(settings.PRETRAINED_MODEL) != checksum:
        return kept
    return settings.PRETRAINED_MODEL
