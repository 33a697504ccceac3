"""Traces for an OpenTelemetry collector.

Nothing of OpenTelemetry is imported unless ``OTEL_EXPORTER_OTLP_ENDPOINT`` names a collector.
OpenTelemetry's own variables set the rest: ``OTEL_SERVICE_NAME``, ``OTEL_TRACES_SAMPLER`` ...
"""

import os
from collections.abc import Callable
from typing import Any, TypeVar

Scorer = TypeVar("Scorer")
Handler = TypeVar("Handler", bound=Callable[..., Any])


def is_enabled() -> bool:
    return bool(os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"))


def start() -> None:
    """Call this after the fork, and before Django builds its middleware."""
    if is_enabled():
        from observability import otel

        otel.start()


def trace_requests(handler: Handler, route: str) -> Handler:
    """Return a handler of requests outside of Django; each request is a span."""
    if not is_enabled():
        return handler
    from observability import otel

    return otel.trace_requests(handler, route)  # type: ignore[return-value]


def wrap_scorer(scorer: Scorer) -> Scorer:
    """Return a scorer whose predictions are spans."""
    if not is_enabled():
        return scorer
    from observability import otel

    return otel.TracedScorer(scorer)  # type: ignore[return-value]
