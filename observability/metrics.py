"""Numbers for Prometheus, at /metrics: counted from the events, added up over the workers.

gunicorn.conf.py sets ``PROMETHEUS_MULTIPROC_DIR``: each worker counts in files there, and
whichever worker is asked adds all of them up.
"""

import hmac
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
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

from observability import drops as drops
from observability import task_queue

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_BUCKETS = ("0.5-0.6", "0.6-0.7", "0.7-0.8", "0.8-0.9", "0.9-1.0")

EVENTS = Counter("rottenpotatoes_events", "Events, by kind", ["event_type"])
REQUESTS = Counter("rottenpotatoes_requests", "Requests", ["method", "path", "status"])
LATENCY = Histogram("rottenpotatoes_request_seconds", "Time to answer", ["path"], buckets=_SECONDS)
DATABASE = Histogram(
    "rottenpotatoes_database_seconds", "Of a request, for the database", ["path"], buckets=_SECONDS
)
QUERIES = Counter("rottenpotatoes_database_queries", "Queries of requests", ["path"])
PREDICTIONS = Counter(
    "rottenpotatoes_predictions", "Texts that the model read", ["sentiment", "confidence"]
)
LOAD_FAILURES = Counter("rottenpotatoes_model_load_failures", "Models that could not be loaded")
MODEL = Gauge(
    "rottenpotatoes_model_served",
    "Processes that serve this version",
    ["model_version"],
    multiprocess_mode="livesum",
)
WAITING = Gauge(
    "rottenpotatoes_event_queue", "Events that wait for Logstash", multiprocess_mode="livesum"
)
REFUSED = Gauge(
    "rottenpotatoes_model_refused",
    "Processes that cannot load the champion, or have no model at all",
    multiprocess_mode="livesum",
)


def count_event(name: str, fields: Mapping[str, Any]) -> None:
    """Move the counters that an event is about; in the background."""
    EVENTS.labels(name).inc()
    if counted := _COUNTED.get(name):
        counted(fields)


def _request(fields: Mapping[str, Any]) -> None:
    path = fields["path"]
    REQUESTS.labels(fields["method"], path, str(fields["status"])).inc()
    LATENCY.labels(path).observe(fields["latency_ms"] / 1000)
    if fields.get("n_queries"):
        DATABASE.labels(path).observe(fields["database_ms"] / 1000)
        QUERIES.labels(path).inc(fields["n_queries"])


def _prediction(fields: Mapping[str, Any]) -> None:
    sentiment, confidence = fields.get("sentiment"), fields.get("confidence")
    if sentiment is not None and confidence is not None:
        PREDICTIONS.labels(sentiment, bucket_of(confidence)).inc()


def count_predictions(predictions: list[tuple[str, float]]) -> None:
    """Those of one request that had many texts read, which is one event."""
    for sentiment, confidence in predictions:
        PREDICTIONS.labels(sentiment, bucket_of(confidence)).inc()


def bucket_of(confidence: float) -> str:
    # 0.7 * 10 is 7.000000000000001 and 0.6 * 10 is 6: rounded before it is cut.
    return _BUCKETS[min(4, max(0, int(round(confidence * 10, 6)) - 5))]


def _loaded(fields: Mapping[str, Any]) -> None:
    if before := fields.get("previous_version"):
        MODEL.labels(before).set(0)
    MODEL.labels(fields["model_version"]).set(1)


_COUNTED = {
    "REQUEST": _request,
    "PREDICTION": _prediction,
    "MODEL_LOADED": _loaded,
    "MODEL_REFUSED": lambda fields: LOAD_FAILURES.inc(),
}


def note_process() -> None:
    """How this process stands; each has to say so now and then, for one is asked about all."""
    from mlmodel.serving.champion import get_refused, has_model
    from observability.logstash import find_handler

    handler = find_handler()
    WAITING.set(handler.state()["waiting"] if handler else 0)
    REFUSED.set(get_refused() is not None or not has_model())


class SiteCollector:
    """What the database knows is asked when somebody scrapes; each is the same in all workers."""

    def collect(self) -> Iterator[Metric]:
        from status.gauges import facts_in_time

        for name, (meaning, value) in facts_in_time().items():
            metric = Metric(f"rottenpotatoes_{name}", meaning, "gauge")
            if isinstance(value, dict):
                for label, number in value.items():
                    metric.add_sample(metric.name, {"signal": label}, number)
            elif value is not None:
                metric.add_sample(metric.name, {}, float(value))
            yield metric


@method_decorator(never_cache, name="dispatch")
class MetricsView(View):
    """For Prometheus, which brings ``METRICS_TOKEN``; to everybody else it does not exist."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        if not may_look(request):
            raise Http404
        task_queue.drain()
        note_process()
        return HttpResponse(collected(), content_type=CONTENT_TYPE_LATEST)


class AnyHostForMetrics:
    """Prometheus asks each pod by its address, which is no host of ours: its token is enough."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info == "/metrics" and settings.ALLOWED_HOSTS and may_look(request):
            request.META["HTTP_HOST"] = settings.ALLOWED_HOSTS[0].lstrip(".").replace("*", "a")
        return self.get_response(request)


def may_look(request: HttpRequest) -> bool:
    if settings.METRICS_TOKEN:
        given = request.headers.get("Authorization", "")
        wanted = f"Bearer {settings.METRICS_TOKEN}"
        return hmac.compare_digest(given.encode(), wanted.encode())
    return settings.DEBUG


def collected() -> bytes:
    folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    registry = CollectorRegistry() if folder and Path(folder).is_dir() else None
    if registry:
        multiprocess.MultiProcessCollector(registry)
    site = CollectorRegistry()
    site.register(SiteCollector())
    return generate_latest(registry or REGISTRY) + generate_latest(site)
