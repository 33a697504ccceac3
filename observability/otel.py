"""What an OpenTelemetry collector is sent. Imported only where there is one (see tracing.py)."""

import atexit
import os
import threading
from collections.abc import Callable, Sequence
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.django import DjangoInstrumentor
from opentelemetry.instrumentation.psycopg2 import Psycopg2Instrumentor
from opentelemetry.instrumentation.wsgi import wsgi_getter
from opentelemetry.propagate import extract
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import Span, SpanContext, SpanKind, Status

# Neither what a visitor typed nor who he is. db.statement has placeholders where values go.
KEPT = {
    *("http.method", "http.route", "http.status_code", "http.scheme", "http.flavor"),
    *("http.request.method", "http.response.status_code", "url.scheme"),
    *("network.protocol.version", "db.system", "db.name", "db.statement"),
    *("db.system.name", "db.namespace", "db.query.text"),
    *("request_id", "model.version"),
}
KIND = "exception.type"
END_S = 0.9  # events want some of the two seconds, too


def start() -> None:
    name = os.environ.get("OTEL_SERVICE_NAME", "rottenpotatoes")
    resource = Resource.create({"service.name": name})
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(DiscreetExporter(OTLPSpanExporter(timeout=2))))
    trace.set_tracer_provider(provider)
    end_in_time(provider)
    # It asks for the host's name, which only the middleware before it makes ours for Prometheus.
    position = settings.MIDDLEWARE.index("observability.metrics.AnyHostForMetrics") + 1
    DjangoInstrumentor().instrument(request_hook=tell_id, middleware_position=position)
    # The wheel is called psycopg2-binary, which it would not take for psycopg2.
    Psycopg2Instrumentor().instrument(skip_dep_check=True)


def end_in_time(provider: TracerProvider) -> None:
    """What waits is sent when the process ends, as far as a dead collector leaves time."""
    is_end = threading.Event()

    def end() -> None:
        is_end.wait()
        provider.shutdown()

    # Started now: from Python 3.12 on, a process that ends can start none.
    thread = threading.Thread(target=end, name="end of spans", daemon=True)
    thread.start()

    def at_exit() -> None:
        is_end.set()
        thread.join(END_S)

    atexit.register(at_exit)


def tell_id(span: Span, request: HttpRequest) -> None:
    span.set_attribute("request_id", request.request_id)  # type: ignore[attr-defined]


class DiscreetExporter(SpanExporter):
    """The one door through which spans leave, whoever made them."""

    def __init__(self, exporter: SpanExporter) -> None:
        self.exporter = exporter

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        return self.exporter.export([discreet(span) for span in spans])

    def shutdown(self) -> None:
        self.exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return self.exporter.force_flush(timeout_millis)


def discreet(span: ReadableSpan) -> ReadableSpan:
    """The span without paths, queries, hosts, addresses, and the messages of exceptions."""
    attributes = span.attributes or {}
    events = [Event(e.name, _kind_of(e), e.timestamp) for e in span.events]
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
    """A visitor may have sent it: the header ``tracestate``."""
    if context is None:
        return None
    return SpanContext(context.trace_id, context.span_id, context.is_remote, context.trace_flags)


def _kind_of(event: Event) -> dict[str, Any]:
    attributes = event.attributes or {}
    return {KIND: attributes[KIND]} if KIND in attributes else {}


def around_request(answer_to: Callable[..., Any], route: str) -> Callable[..., Any]:
    """Each answer that is none of Django's is a span, as each of Django's is one."""
    tracer = trace.get_tracer("rottenpotatoes")

    def traced(body: bytes, environ: dict[str, Any]) -> Any:
        span = tracer.start_span(
            f"POST {route}",
            context=extract(environ, getter=wsgi_getter),
            kind=SpanKind.SERVER,
            attributes={"http.method": "POST", "http.route": route},
        )
        with trace.use_span(span, record_exception=False):
            answer = answer_to(body, environ)
        if answer is not None:  # else Django answers, and this span never ends, nor leaves
            span.set_attributes({"http.status_code": 200, "request_id": answer.request_id})
            span.end()
        return answer

    return traced
