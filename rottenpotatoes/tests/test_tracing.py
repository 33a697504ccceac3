"""Traces are there where a collector is, and cost nothing where none is."""

import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.conf import settings

from rottenpotatoes.tests.served import serve
from rottenpotatoes.tests.test_metrics import wait_for

LOOK = """
import sys
import rottenpotatoes.wsgi
print(sorted(name for name in sys.modules if name.startswith("opentelemetry")))
"""


def test_without_a_collector_nothing_of_it_is_imported(tmp_path):
    environment = os.environ | {"PYTHONPATH": str(settings.BASE_DIR), "VAR_DIR": str(tmp_path)}
    environment.pop("OTEL_EXPORTER_OTLP_ENDPOINT", None)
    done = subprocess.run(
        [sys.executable, "-c", LOOK], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


@pytest.fixture
def collector():
    """A collector's address, and what was posted there."""
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
    yield f"http://127.0.0.1:{server.server_port}", posted
    server.shutdown()
    server.server_close()


def test_a_collector_gets_spans_of_requests_and_readings_without_the_text(tmp_path, collector):
    address, posted = collector
    settings_ = {"OTEL_EXPORTER_OTLP_ENDPOINT": address, "OTEL_BSP_SCHEDULE_DELAY": "200"}
    with serve(tmp_path, WEB_CONCURRENCY="1", **settings_) as site:
        site.get("/api/v1/movies/")
        site.get("/healthz")
        site.post("/api/v1/predict/", b'{"text": "A secretword film."}')
        wait_for(lambda: b"model.predict" in spans(posted) and b"movies/" in spans(posted))
    assert {path for path, _ in posted} == {"/v1/traces"}
    assert b"secretword" not in spans(posted)


def spans(posted):
    import gzip

    return b"".join(
        gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body for _, body in posted
    )
