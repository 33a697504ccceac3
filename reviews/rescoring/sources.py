"""The release that rescores, and where it runs: in this process or on a Dask cluster."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial

from mlmodel.lifecycle import releases
from mlmodel.lifecycle.model_store import model_store
from mlmodel.models import Release
from mlmodel.sentiment.errors import ModelUnavailable
from mlmodel.sentiment.io.batches import predict_each
from mlmodel.sentiment.models.scorer import Scorer
from mlmodel.serving.champion import get_served
from mlmodel.serving.loading import load_release
from mlmodel.training.dask_cluster import connect, read_batches
from reviews.rescoring.rescore import Batch, Predictions

ScoredBatches = Iterator[tuple[Batch, Predictions]]


def load_source(version: str | None) -> tuple[Scorer, Release]:
    """Return the scorer of the release of that version, or of the champion, and the release.

    Raises
    ------
    SentimentError
        If there is no such release, or it cannot be loaded.
    """
    if version:
        release = releases.find(version)
        return load_release(release).scorer, release
    served = get_served()
    champion = Release.objects.champion()
    # If the champion is damaged, this process serves another model, which must not rescore.
    if served.release is None or (champion and champion != served.release):
        raise ModelUnavailable(f"release {champion or 'of the code'} cannot be loaded")
    return served.scorer, served.release


@contextmanager
def open_predictor(
    scorer: Scorer, release: Release, dask: str | None
) -> Iterator[Callable[[Iterable[Batch]], ScoredBatches]]:
    """Yield a function that scores batches, while the Dask cluster, if any, is connected."""
    if not dask:
        yield partial(_predict_locally, scorer)
        return
    folder = model_store().find(release.checksum)
    with connect(dask) as client:
        yield lambda batches: read_batches(client, folder, release.checksum, batches, _texts)


def _predict_locally(scorer: Scorer, batches: Iterable[Batch]) -> ScoredBatches:
    for batch in batches:
        yield batch, predict_each(scorer, _texts(batch))


def _texts(batch: Batch) -> list[str]:
    return [review.text for review in batch]
