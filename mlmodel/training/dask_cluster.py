"""A Dask cluster that reads and measures: an engine of others, which need not be there."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from mlmodel.sentiment.errors import SentimentError
from mlmodel.sentiment.io.batches import pack_model, predict_packed
from mlmodel.sentiment.models.prediction import Prediction

if TYPE_CHECKING:
    from distributed import Client, Future

T = TypeVar("T")
S = TypeVar("S")
A = TypeVar("A")
R = TypeVar("R")
CONNECT_S = 10
LOOK_S = 5  # while waiting for an answer, how often to look whether anybody is there to give it
PATIENCE_S = 30  # without a single worker; a restarted one is back by then


class ClusterLost(SentimentError):
    """The cluster cannot be reached, or is gone."""


@contextmanager
def connect(address: str) -> Iterator[Client]:
    """A client of the scheduler at ``address``; ``local`` starts a cluster of this machine's cores.

    Raises
    ------
    SentimentError
        If Dask is not installed here.
    ClusterLost
        If nobody answers, or it goes away within the block.
    """
    try:
        import dask
        from distributed import Client, LocalCluster
        from distributed.comm import CommClosedError
        from distributed.scheduler import KilledWorker
    except ImportError as error:
        raise SentimentError(
            "Dask is not installed here: pip install -r requirements-training.txt"
        ) from error
    # What is said below in a sentence, its client would tell in tracebacks.
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
                f"the Dask cluster at {address} is gone, or its workers are"
            ) from error


def read_batches(
    client: Client,
    folder: Path,
    checksum: str,
    batches: Iterable[T],
    texts_of: Callable[[T], Sequence[str]],
) -> Iterator[tuple[T, list[Prediction | None]]]:
    """Each batch with what the model in ``folder`` read, in their order.

    So many batches are on their way that no worker waits, and not more.

    Raises
    ------
    ModelUnavailable
        If the model cannot be loaded, here or there.
    ClusterLost
        If no worker is left.
    """
    _wait_for_workers(client)
    packed = client.scatter(pack_model(folder), broadcast=True)
    rest = iter(batches)
    on_the_way: deque[tuple[T, Future]] = deque()
    while True:
        for batch in islice(rest, 2 * max(1, len(_workers(client))) - len(on_the_way)):
            # Not pure: texts need not be hashed to find out that they are new.
            future = client.submit(predict_packed, packed, checksum, texts_of(batch), pure=False)
            on_the_way.append((batch, future))
        if not on_the_way:
            return
        batch, future = on_the_way.popleft()
        yield batch, _result(client, future)


def run_each(
    client: Client,
    function: Callable[[S, A], R],
    shared: S,
    tasks: Iterable[T],
    argument_of: Callable[[T], A],
) -> Iterator[tuple[T, Callable[[], R]]]:
    """Each task as it ends, with what gives its ``function(shared, argument)``, or raises.

    A task is asked for when a worker is free, so that it may depend on what has ended by then.

    Raises
    ------
    ClusterLost
        If no worker is left.
    """
    _wait_for_workers(client)
    (there,) = client.scatter([shared], broadcast=True)
    rest = iter(tasks)
    on_the_way: dict[Future, T] = {}
    while True:
        for task in islice(rest, max(1, len(_workers(client))) - len(on_the_way)):
            future = client.submit(function, there, argument_of(task), pure=False)
            on_the_way[future] = task
        if not on_the_way:
            return
        future = _first_of(client, list(on_the_way))
        yield on_the_way.pop(future), partial(_result, client, future)


def _workers(client: Client) -> dict:
    return client.scheduler_info(n_workers=-1)["workers"]


def _wait_for_workers(client: Client) -> None:
    try:
        client.wait_for_workers(1, timeout=PATIENCE_S)
    except TimeoutError as error:
        raise ClusterLost("the Dask cluster has no workers") from error


def _first_of(client: Client, futures: list[Future]) -> Future:
    """The first that ends, well or badly; dask itself would wait forever for a lost worker."""
    from distributed import wait

    alone_s = 0
    while True:
        try:
            ended = wait(futures, timeout=LOOK_S, return_when="FIRST_COMPLETED").done
            return next(future for future in futures if future in ended)
        except TimeoutError:
            alone_s = 0 if _workers(client) else alone_s + LOOK_S
            if alone_s >= PATIENCE_S:
                raise ClusterLost("all workers of the Dask cluster are gone") from None


def _result(client: Client, future: Future) -> Any:
    _first_of(client, [future])
    try:
        return future.result()
    except (RuntimeError, ImportError) as error:
        # So Dask says that it cannot unpack what it was sent.
        raise ClusterLost(
            "the Dask cluster does not know mlmodel: its scheduler and workers need the "
            "site's code and packages, of this version"
        ) from error
