"""Traces for an OpenTelemetry collector; where none is named, nothing of it is imported.

``OTEL_EXPORTER_OTLP_ENDPOINT`` names it. OpenTelemetry's own variables say the rest:
``OTEL_SERVICE_NAME``, ``OTEL_TRACES_SAMPLER`` ...
"""

import os
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

Scorer = TypeVar("Scorer")
Answering = TypeVar("Answering", bound=Callable[..., Any])
TRACED = ("predict", "predict_many", "explain")


def is_wanted() -> bool:
    return bool(os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"))


def start() -> None:
    """After the fork, and before Django makes its chain of middlewares."""
    if is_wanted():
        from observability import otel

        otel.start()


def around_request(answer_to: Answering, route: str) -> Answering:
    """The same function; while traces are wanted, each of its answers is a span."""
    if not is_wanted():
        return answer_to
    from observability import otel

    return otel.around_request(answer_to, route)  # type: ignore[return-value]


def around(scorer: Scorer) -> Scorer:
    """The same scorer; while traces are wanted, each of its readings is a span."""
    if is_wanted():
        for name in TRACED:
            if method := getattr(scorer, name, None):
                setattr(scorer, name, _in_a_span(method, name, scorer))
    return scorer


def _in_a_span(method: Callable[..., Any], name: str, scorer: Any) -> Callable[..., Any]:
    from opentelemetry import trace

    tracer = trace.get_tracer("rottenpotatoes")

    @wraps(method)
    def traced(*args: Any, **kwargs: Any) -> Any:
        with tracer.start_as_current_span(f"model.{name}", record_exception=False) as span:
            span.set_attribute("model.version", scorer.version)  # never the text
            return method(*args, **kwargs)

    return traced
