"""Traces for an OpenTelemetry collector.

Nothing of OpenTelemetry is imported unless ``OTEL_EXPORTER_OTLP_ENDPOINT`` names a collector.
OpenTelemetry's own variables set the rest: ``OTEL_SERVICE_NAME``, ``OTEL_TRACES_SAMPLER`` ...
"""

import os
from typing import Any, TypeVar

Scorer = TypeVar("Scorer")


def is_enabled() -> bool:
    return bool(os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"))


def start() -> None:
    """Call this after the fork, and before Django builds its middleware."""
    if is_enabled():
        _otel().start()


def wrap_scorer(scorer: Scorer) -> Scorer:
    """Return a scorer whose predictions are spans."""
    return _otel().TracedScorer(scorer) if is_enabled() else scorer


def _otel() -> Any:
    # Start-up cost: OpenTelemetry takes a quarter of a second, and most sites have no collector.
    from observability import otel  # noqa: PLC0415

    return otel
