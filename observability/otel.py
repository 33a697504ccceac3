"""Spans for an OpenTelemetry collector; tracing.py imports this only if there is one."""

import atexit
import os
import threading
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.django import DjangoInstrumentor
from opentelemetry.instrumentation.psycopg2 import Psycopg2Instrumentor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import Span, SpanContext, Status
from wrapt import ObjectProxy

# No user input and no identity; db.statement has placeholders.
KEPT = {
    *("http.method", "http.route", "http.status_code", "http.scheme", "http.flavor"),
    *("http.request.method", "http.response.status_code", "url.scheme"),
    *("network.protocol.version", "db.system", "db.name", "db.statement"),
    *("db.system.name", "db.namespace", "db.query.text"),
    *("request_id", "model.version"),
}
KIND = "exception.type"
FLUSH_TIMEOUT_S = 0.9  # at exit, when events are flushed, too


def start() -> None:
    name = os.environ.get("OTEL_SERVICE_NAME", "rottenpotatoes")
    resource = Resource.create({"service.name": name})
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    provider.add_span_processor(
        BatchSpanProcessor(RedactingSpanExporter(OTLPSpanExporter(timeout=2)))
    )
    trace.set_tracer_provider(provider)
    flush_at_exit(provider)
    # It reads the host, which MetricsHostMiddleware sets for Prometheus.
    position = settings.MIDDLEWARE.index("observability.metrics.MetricsHostMiddleware") + 1
    DjangoInstrumentor().instrument(request_hook=set_request_id, middleware_position=position)
    # The check fails because the wheel is called psycopg2-binary.
    Psycopg2Instrumentor().instrument(skip_dep_check=True)


def flush_at_exit(provider: TracerProvider) -> None:
    """Send the remaining spans when the process ends, but do not wait for a dead collector."""
    is_exiting = threading.Event()

    def flush() -> None:
        is_exiting.wait()
        provider.shutdown()

    # Started now: since Python 3.12 threads cannot be started at exit.
    thread = threading.Thread(target=flush, name="flush-spans", daemon=True)
    thread.start()

    def at_exit() -> None:
        is_exiting.set()
        thread.join(FLUSH_TIMEOUT_S)

    atexit.register(at_exit)


def set_request_id(span: Span, request: HttpRequest) -> None:
    span.set_attribute("request_id", request.request_id)  # type: ignore[attr-defined]


class RedactingSpanExporter(SpanExporter):
    """Redacts all spans, including those of libraries."""

    def __init__(self, exporter: SpanExporter) -> None:
        self.exporter = exporter

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        return self.exporter.export([redact_span(span) for span in spans])

    def shutdown(self) -> None:
        self.exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return self.exporter.force_flush(timeout_millis)


def redact_span(span: ReadableSpan) -> ReadableSpan:
    """Remove paths, query strings, hosts, addresses and the messages of exceptions."""
    attributes = span.attributes or {}
    events = [Event(e.name, _exception_type(e), e.timestamp) for e in span.events]
    return ReadableSpan(
        name=span.name,
        context=_without_state(span.context),
        parent=_without_state(span.parent),
        resource=span.resource,
        attributes={name: value for name, value in attributes.items() if name in KEPT},
        events=events,
        kind=span.kind,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def _without_state(context: SpanContext | None) -> SpanContext | None:
    """Remove ``tracestate``, which a visitor can send in a header."""
    if context is None:
        return None
    return SpanContext(context.trace_id, context.span_id, context.is_remote, context.trace_flags)


def _exception_type(event: Event) -> dict[str, Any]:
    attributes = event.attributes or {}
    return {KIND: attributes[KIND]} if KIND in attributes else {}


class TracedScorer(ObjectProxy):
    """A scorer whose predictions and explanations are spans."""

    def predict(self, text: str) -> Any:
        with self._span("predict"):
            return self.__wrapped__.predict(text)

    def predict_many(self, texts: Sequence[str]) -> Any:
        with self._span("predict_many"):
            return self.__wrapped__.predict_many(texts)

    def explain(self, text: str) -> Any:
        with self._span("explain"):
            return self.__wrapped__.explain(text)

    def _span(self, name: str) -> AbstractContextManager[Span]:
        tracer = trace.get_tracer("rottenpotatoes")
        attributes = {"model.version": self.version}  # never the text
        return tracer.start_as_current_span(
            f"model.{name}", attributes=attributes, record_exception=False
        )
