"""The number of events that were lost, by reason: for /metrics and the status page.

Counted when it happens, because a killed process cannot report anything later. Imports little:
gunicorn's main process, which has no Django apps, counts here, too.
"""

from collections import Counter
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import prometheus_client

Reason = Literal["queue_full", "rejected", "not_formatted", "process_ended", "not_counted"]
_by_reason: Counter[Reason] = Counter()


def count(reason: Reason, n: int = 1) -> None:
    _by_reason[reason] += n
    with suppress(Exception):  # for example if the folder of the metrics is missing
        metric().labels(reason).inc(n)


def total() -> int:
    """Return the number of events that this process has lost."""
    return _by_reason.total()


@cache
def metric() -> "prometheus_client.Counter":
    import prometheus_client  # takes 40 ms: most commands lose no event  # noqa: PLC0415

    return prometheus_client.Counter(
        "rottenpotatoes_events_dropped", "Events that were not delivered", ["reason"]
    )
