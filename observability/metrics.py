"""Metrics for Prometheus at /metrics: counted from the events, summed over the workers.

gunicorn.conf.py sets ``PROMETHEUS_MULTIPROC_DIR``: each worker counts in files of that folder,
and the worker that is scraped reads all of them. The apps add their metrics in ``ready``:

- ``events.subscribe`` for what is counted when an event happens,
- ``add_process_gauges`` for the state of each process, set every few seconds,
- ``add_site_gauge`` for a number that is the same in all processes, read at each scrape.

An unlabelled metric opens its file when it is defined: wrap it in ``lazy``.
"""

import hmac
import logging
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cache, partial, wraps
from pathlib import Path
from typing import Any, TypeVar, get_args

from django.conf import settings
from django.db import Error, connection, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.generic import View
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
    multiprocess,
)
from prometheus_client.core import Metric

from common.postgresql.timeouts import statement_timeout
from observability import lost_events
from observability.logstash import find_handler

logger = logging.getLogger(__name__)
T = TypeVar("T")
Value = float | None | Mapping[str, float]

QUERY_TIMEOUT_S = 3.0
LOCK_TIMEOUT_S = 1.0
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


def lazy(make: Callable[..., T], *args: Any, **options: Any) -> Callable[[], T]:
    """Return a function that defines the metric at its first call."""
    return cache(partial(make, *args, **options))


EVENTS = Counter("rottenpotatoes_events", "Events, by type", ["event_type"])
REQUESTS = Counter("rottenpotatoes_requests", "Requests", ["method", "path", "status"])
LATENCY = Histogram("rottenpotatoes_request_seconds", "Request latency", ["path"], buckets=_SECONDS)
DATABASE = Histogram(
    "rottenpotatoes_database_seconds", "Database time of a request", ["path"], buckets=_SECONDS
)
QUERIES = Counter("rottenpotatoes_database_queries", "Database queries of requests", ["path"])
waiting_events = lazy(
    Gauge,
    "rottenpotatoes_event_queue",
    "Events queued for Logstash",
    multiprocess_mode="livesum",
)


@dataclass(frozen=True, slots=True)
class SiteGauge:
    help: str
    read: Callable[[], Value]
    needs_database: bool


_site_gauges: dict[str, SiteGauge] = {}
_process_gauges: list[Callable[[], None]] = []
_reported: set[str] = set()
_database = threading.Lock()


def add_site_gauge(
    name: str, help: str, read: Callable[[], Value], *, needs_database: bool = True
) -> None:
    """Add a number that is the same in all processes; a mapping has a value for each ``signal``."""
    _site_gauges[name] = SiteGauge(help, read, needs_database)


def add_process_gauges(update: Callable[[], None]) -> None:
    """Add a function that sets gauges of its process."""
    _process_gauges.append(update)


def never_fail(count: Callable[..., None]) -> Callable[..., None]:
    """Log an error of a counter once, and count it as a lost event: the request must go on."""

    @wraps(count)
    def count_or_report(*args: Any) -> None:
        try:
            count(*args)
        except Exception as error:
            lost_events.count("not_counted")
            kind = type(error).__name__
            if kind not in _reported:
                _reported.add(kind)
                logger.warning("Cannot update metrics: %s", kind)

    return count_or_report


@never_fail
def count_event(name: str, fields: Mapping[str, Any]) -> None:
    EVENTS.labels(name).inc()
    if name == "REQUEST":
        count_request(fields)


def count_request(fields: Mapping[str, Any]) -> None:
    path = fields["path"]
    REQUESTS.labels(fields["method"], path, str(fields["status"])).inc()
    LATENCY.labels(path).observe(fields["latency_ms"] / 1000)
    if fields.get("n_queries"):
        DATABASE.labels(path).observe(fields["database_ms"] / 1000)
        QUERIES.labels(path).inc(fields["n_queries"])


@never_fail
def update_process_gauges() -> None:
    """Set the gauges of this process; all processes do so regularly, but only one is scraped."""
    handler = find_handler()
    waiting_events().set(handler.n_waiting() if handler else 0)
    for reason in get_args(lost_events.Reason):
        lost_events.metric().labels(reason)  # a counter has to exist before it can increase
    for update in _process_gauges:
        update()


def read_site_gauges() -> dict[str, Value]:
    """Return the numbers that can be read; the database has ``QUERY_TIMEOUT_S`` for each."""
    values = _read(needs_database=False)
    # While a query hangs, other requests do without these numbers: they need their threads.
    if _database.acquire(timeout=LOCK_TIMEOUT_S):
        try:
            with statement_timeout(QUERY_TIMEOUT_S):
                values |= _read(needs_database=True)
        except Error as error:
            logger.warning("Cannot read gauges from the database: %s", type(error).__name__)
        finally:
            _database.release()
    return values


def _read(*, needs_database: bool) -> dict[str, Value]:
    values: dict[str, Value] = {}
    for name, gauge in _site_gauges.items():
        if gauge.needs_database == needs_database:
            try:
                with _savepoint():
                    values[name] = gauge.read()
            except (Error, OSError, ValueError) as error:
                logger.warning("Cannot read the gauge %s: %s", name, type(error).__name__)
    return values


def _savepoint() -> AbstractContextManager[Any]:
    """Keep the transaction usable for the next gauge if one fails."""
    return transaction.atomic() if connection.in_atomic_block else nullcontext()


class SiteGaugeCollector:
    def collect(self) -> Iterator[Metric]:
        for name, value in read_site_gauges().items():
            metric = Metric(f"rottenpotatoes_{name}", _site_gauges[name].help, "gauge")
            if isinstance(value, Mapping):
                for signal, number in value.items():
                    metric.add_sample(metric.name, {"signal": signal}, number)
            elif value is not None:
                metric.add_sample(metric.name, {}, float(value))
            yield metric


@method_decorator(never_cache, name="dispatch")
class MetricsView(View):
    """For Prometheus, which sends ``METRICS_TOKEN``; others get a 404."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        if not is_authorized(request):
            raise Http404
        update_process_gauges()
        return HttpResponse(collect(), content_type=CONTENT_TYPE_LATEST)


class MetricsHostMiddleware:
    """Accept any host for /metrics: Prometheus uses the address of the pod, and has the token."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info == "/metrics" and settings.ALLOWED_HOSTS and is_authorized(request):
            request.META["HTTP_HOST"] = settings.ALLOWED_HOSTS[0].lstrip(".").replace("*", "a")
        return self.get_response(request)


def is_authorized(request: HttpRequest) -> bool:
    if settings.METRICS_TOKEN:
        header = request.headers.get("Authorization", "")
        expected = f"Bearer {settings.METRICS_TOKEN}"
        return hmac.compare_digest(header.encode(), expected.encode())
    return settings.DEBUG


def collect() -> bytes:
    """Return all metrics in Prometheus's text format."""
    folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    registry = CollectorRegistry() if folder and Path(folder).is_dir() else None
    if registry:
        multiprocess.MultiProcessCollector(registry)
    site = CollectorRegistry()
    site.register(SiteGaugeCollector())
    return generate_latest(registry or REGISTRY) + generate_latest(site)
