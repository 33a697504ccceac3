"""Traces for an OpenTelemetry collector.

Nothing of OpenTelemetry is imported unless ``OTEL_EXPORTER_OTLP_ENDPOINT`` names a collector.
OpenTelemetry's own variables set the rest: ``OTEL_SERVICE_NAME``, ``OTEL_TRACES_SAMPLER`` ...
"""

import os
from typing import TypeVar

Scorer = TypeVar("Scorer")


def is_enabled() -> bool:
    return bool(os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"))


def start() -> None:
    """Call this after the fork, and before Django builds its middleware."""
    if is_enabled():
        from observability import otel

        otel.start()


def wrap_scorer(scorer: Scorer) -> Scorer:
    """Return a scorer whose predictions are spans."""
    if not is_enabled():
        return scorer
    from observability import otel

    return otel.TracedScorer(scorer)  # type: ignore[return-value]
