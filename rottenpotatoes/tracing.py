"""Traces for an OpenTelemetry collector; where none is named, nothing of it is imported.

``OTEL_EXPORTER_OTLP_ENDPOINT`` names it. OpenTelemetry's own variables say the rest:
``OTEL_SERVICE_NAME``, ``OTEL_TRACES_SAMPLER`` ...
"""

import os
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

Scorer = TypeVar("Scorer")
TRACED = ("predict", "predict_many", "explain")


def is_wanted() -> bool:
    return bool(os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"))


def start() -> None:
    """After the fork, and before Django makes its chain of middlewares."""
    if not is_wanted():
        return
    from opentelemetry import trace
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.instrumentation.django import DjangoInstrumentor
    from opentelemetry.instrumentation.psycopg2 import Psycopg2Instrumentor
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    name = os.environ.get("OTEL_SERVICE_NAME", "rottenpotatoes")
    provider = TracerProvider(resource=Resource.create({"service.name": name}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(timeout=2)))
    trace.set_tracer_provider(provider)
    DjangoInstrumentor().instrument()
    # The wheel is called psycopg2-binary, which it would not take for psycopg2.
    Psycopg2Instrumentor().instrument(skip_dep_check=True)


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
