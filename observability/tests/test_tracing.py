"""Traces are sent if there is a collector; otherwise nothing of OpenTelemetry is imported."""

import gzip
import os
import subprocess
import sys
import threading
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.conf import settings
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from observability.otel import KEPT, RedactingSpanExporter, TracedScorer
from observability.tests.live_server import TOKEN, serve
from tests.support import run, tcp_blackhole, wait_until

TRACE_ID = "0af7651916cd43dd8448eb211c80319c"
INCOMING = {
    "traceparent": f"00-{TRACE_ID}-b7ad6b7169203331-01",
    "tracestate": "visitor=secretword",
}

PRINT_IMPORTS = """
import sys
import rottenpotatoes.wsgi
print(sorted(name for name in sys.modules if name.startswith("opentelemetry")))
"""


def test_opentelemetry_is_not_imported_without_a_collector(tmp_path):
    environment = os.environ | {"PYTHONPATH": str(settings.BASE_DIR), "VAR_DIR": str(tmp_path)}
    environment.pop("OTEL_EXPORTER_OTLP_ENDPOINT", None)
    done = run(sys.executable, "-c", PRINT_IMPORTS, env=environment)
    assert done.stdout.strip() == "[]"


@contextmanager
def collector():
    """Yield the address of a collector, and the requests that it received."""
    posted = []

    class Posts(BaseHTTPRequestHandler):
        def do_POST(self):
            posted.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Posts)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", posted
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def posted(tmp_path_factory):
    """The requests with the spans of four requests to the site."""
    with collector() as (address, posted):
        settings_ = {"OTEL_EXPORTER_OTLP_ENDPOINT": address, "OTEL_BSP_SCHEDULE_DELAY": "200"}
        folder = tmp_path_factory.mktemp("traced")
        with serve(folder, WEB_CONCURRENCY="1", **settings_) as site:
            site.get("/api/v1/movies/?q=secretword", **{"X-Request-ID": "list-1234"})
            site.get("/metrics", Host="10.20.30.40", Authorization=f"Bearer {TOKEN}")
            headers = {"X-Request-ID": "predict-1234", "User-Agent": "secretword"} | INCOMING
            site.post("/api/v1/predict/", {"text": "A secretword movie."}, **headers)
            wait_until(lambda: ("POST api/v1/predict/", "predict-1234") in by_name(posted))
            wait_until(lambda: any(s.name == "model.predict" for s in spans(posted)))
    assert {path for path, _ in posted} == {"/v1/traces"}
    return posted


def spans(posted):
    for _, body in posted:
        body = gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body
        for sent in ExportTraceServiceRequest.FromString(body).resource_spans:
            for scope in sent.scope_spans:
                yield from scope.spans


def attributes_of(span):
    return {a.key: a.value.string_value or a.value.int_value for a in span.attributes}


def by_name(posted):
    return {(span.name, attributes_of(span).get("request_id")): span for span in spans(posted)}


def test_span_of_a_request_has_its_route_and_its_id(posted):
    attributes = attributes_of(by_name(posted)["GET api/v1/movies/$", "list-1234"])
    assert (attributes["http.route"], attributes["http.status_code"]) == ("api/v1/movies/$", 200)


def test_prediction_is_a_span_within_that_of_its_request(posted):
    request = by_name(posted)["POST api/v1/predict/", "predict-1234"]
    assert {"http.route", "http.status_code", "request_id"} <= set(attributes_of(request))
    predictions = [s.parent_span_id for s in spans(posted) if s.name == "model.predict"]
    assert request.span_id in predictions


def test_spans_contain_no_user_input_and_no_address(posted):
    everything = str(list(spans(posted)))
    assert "secretword" not in everything
    assert "127.0.0.1" not in everything
    assert "10.20.30.40" not in everything
    assert {key for span in spans(posted) for key in attributes_of(span)} <= KEPT


def test_span_continues_the_trace_of_the_client_without_its_state(posted):
    span = by_name(posted)["POST api/v1/predict/", "predict-1234"]
    assert (span.trace_id.hex(), span.trace_state) == (TRACE_ID, "")
    assert span.parent_span_id.hex() == "b7ad6b7169203331"


def test_span_has_the_type_of_an_exception_and_not_its_message():
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(RedactingSpanExporter(exporter)))
    with suppress(ValueError), provider.get_tracer("x").start_as_current_span("it"):
        raise ValueError("secretword")
    [span] = exporter.get_finished_spans()
    [event] = span.events
    assert (event.attributes, span.status.description) == ({"exception.type": "ValueError"}, None)
    assert span.status.status_code.name == "ERROR"


END = """
from opentelemetry import trace
from observability import otel
otel.start()
for number in range(400):
    trace.get_tracer("x").start_span(f"span {number}").end()
print("ending", flush=True)
"""


@contextmanager
def ending(folder, address, **variables):
    """Yield a process that is about to end, with spans in its queue."""
    settings_ = {
        "DJANGO_SETTINGS_MODULE": "rottenpotatoes.settings",
        "PYTHONPATH": str(settings.BASE_DIR),
        "VAR_DIR": str(folder),
        "OTEL_EXPORTER_OTLP_ENDPOINT": address,
        "OTEL_BSP_SCHEDULE_DELAY": "60000",
        **variables,
    }
    command = [sys.executable, "-c", END]
    with subprocess.Popen(command, env=os.environ | settings_, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout.readline() == b"ending\n"
            yield process
        finally:
            process.kill()


def test_process_ends_although_the_collector_hangs(tmp_path):
    batches = {"OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "20"}  # 20 batches with a timeout of 2 s each
    with (
        tcp_blackhole() as port,
        ending(tmp_path, f"http://127.0.0.1:{port}", **batches) as process,
    ):
        assert process.wait(8) == 0


def test_remaining_spans_are_sent_at_the_end_of_a_process(tmp_path):
    with collector() as (address, posted):
        with ending(tmp_path, address) as process:
            assert process.wait(20) == 0
        assert len(list(spans(posted))) == 400


def test_traced_scorer_is_a_scorer_in_every_other_respect(fixed_scorer):
    traced = TracedScorer(fixed_scorer)
    assert isinstance(traced, type(fixed_scorer))
    assert traced.predict("bad") == fixed_scorer.predict("bad")
    traced.version = "7"
    assert fixed_scorer.version == "7"
