"""Run predictions and measurements on a Dask cluster. Dask is optional."""

from __future__ import annotations

import logging
import operator
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import ExitStack, contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from mlmodel.sentiment.errors import SentimentError
from mlmodel.sentiment.io.batches import pack_model, predict_packed
from mlmodel.sentiment.models.prediction import Prediction

if TYPE_CHECKING:
    from distributed import Client, Future

T = TypeVar("T")
A = TypeVar("A")
R = TypeVar("R")
CONNECT_S = 10
POLL_S = 5  # while waiting for a result, how often to check that there are workers
WORKER_TIMEOUT_S = 30  # without a single worker; a restarted one is back by then


class ClusterLost(SentimentError):
    """The cluster cannot be reached, or is gone."""


@contextmanager
def connect(address: str) -> Iterator[Client]:
    """Connect to the scheduler at ``address``; ``local`` starts a cluster on this machine's cores.

    Raises
    ------
    SentimentError
        If Dask is not installed here.
    ClusterLost
        If no scheduler answers, or the cluster is lost within the block.
    """
    try:
        # A second to import, and not installed in the web image.
        import dask  # noqa: PLC0415
        from distributed import Client, LocalCluster  # noqa: PLC0415
        from distributed.comm import CommClosedError  # noqa: PLC0415
        from distributed.scheduler import KilledWorker  # noqa: PLC0415
    except ImportError as error:
        raise SentimentError(
            "Dask is not installed here: pip install -r requirements-training.txt"
        ) from error
    # The client would log tracebacks of the errors that are raised below.
    for name in ("distributed", "distributed.client", "distributed.utils"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    with ExitStack() as stack:
        stack.enter_context(dask.config.set({"distributed.comm.timeouts.connect": f"{CONNECT_S}s"}))
        target: Any = address
        if address == "local":
            local = LocalCluster(threads_per_worker=1, dashboard_address=None, silence_logs="ERROR")
            target = stack.enter_context(local)
        try:
            client = stack.enter_context(Client(target, timeout=CONNECT_S))
        except (OSError, TimeoutError, ValueError) as error:
            raise ClusterLost(f"no Dask cluster answers at {address}") from error
        try:
            yield client
        except (CommClosedError, KilledWorker, CancelledError) as error:
            raise ClusterLost(
                f"the connection to the Dask cluster at {address}, or to its workers, is lost"
            ) from error


def read_batches(
    client: Client,
    folder: Path,
    checksum: str,
    batches: Iterable[T],
    texts_of: Callable[[T], Sequence[str]],
) -> Iterator[tuple[T, list[Prediction | None]]]:
    """Yield each batch with the predictions of the model in ``folder``, in the batches' order.

    Two batches per worker are in flight: enough to keep it busy.

    Raises
    ------
    ModelUnavailable
        If the model cannot be loaded, here or on a worker.
    ClusterLost
        If no worker is left.
    """
    _wait_for_workers(client)
    packed = client.scatter(pack_model(folder), broadcast=True)
    remaining = iter(batches)
    in_flight: deque[tuple[T, Future]] = deque()
    while True:
        for batch in islice(remaining, 2 * max(1, n_workers(client)) - len(in_flight)):
            # Not pure: Dask would hash all texts, to find calls that it has seen before.
            future = client.submit(predict_packed, packed, checksum, texts_of(batch), pure=False)
            in_flight.append((batch, future))
        if not in_flight:
            return
        batch, future = in_flight.popleft()
        yield batch, _result(client, future)


def on_worker(client: Client, function: Callable[[A], R]) -> Callable[[A], R]:
    """Return a function that runs ``function`` on a free worker and waits for its result.

    It may be called from several threads, and raises what ``function`` raises, or
    ``ClusterLost`` if no worker is left.
    """
    _wait_for_workers(client)
    (remote,) = client.scatter([function], broadcast=True)

    def call_on_worker(argument: A) -> R:
        return _result(client, client.submit(operator.call, remote, argument, pure=False))

    return call_on_worker


def n_workers(client: Client) -> int:
    return len(client.scheduler_info(n_workers=-1)["workers"])


def _wait_for_workers(client: Client) -> None:
    try:
        client.wait_for_workers(1, timeout=WORKER_TIMEOUT_S)
    except TimeoutError as error:
        raise ClusterLost("the Dask cluster has no workers") from error


def _result(client: Client, future: Future) -> Any:
    """Return a future's result. Dask itself would wait forever for a lost worker."""
    from distributed import wait  # a second to import, see connect()  # noqa: PLC0415

    alone_s = 0
    while not future.done():
        try:
            wait([future], timeout=POLL_S)
        except TimeoutError:
            alone_s = 0 if n_workers(client) else alone_s + POLL_S
            if alone_s >= WORKER_TIMEOUT_S:
                raise ClusterLost("the Dask cluster has lost all its workers") from None
    try:
        return future.result()
    except (RuntimeError, ImportError) as error:
        # What Dask raises when it cannot unpickle what it was sent.
        raise ClusterLost(
            "the Dask cluster does not know mlmodel: its scheduler and workers need the "
            "site's code and packages, of this version"
        ) from error
