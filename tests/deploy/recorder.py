"""HTTP servers with the parts of Vault's and Kibana's API that the roles use; calls are kept."""

import json
import re
import ssl
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import NamedTuple


class Call(NamedTuple):
    method: str
    path: str
    headers: dict[str, str]
    body: str


class Recorder(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        call = Call(self.command, self.path, {**self.headers}, body)
        self.server.calls.append(call)
        status, payload = self.server.answer(call)
        content = b"" if payload is None else json.dumps(payload).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_POST = do_PUT = do_GET  # noqa: N815

    def log_message(self, *_) -> None:
        pass


@contextmanager
def recording(api, tls: ssl.SSLContext | None = None):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Recorder)
    server.calls, server.answer = [], api.answer
    server.url = f"http{'s' if tls else ''}://127.0.0.1:{server.server_port}"
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


class Kibana:
    """Becomes available at the second request, and accepts the second import."""

    def __init__(self) -> None:
        self.n_status, self.n_imports, self.objects = 0, 0, {}

    def answer(self, call: Call):
        if call.path == "/api/status":
            self.n_status += 1
            level = "available" if self.n_status > 1 else "degraded"
            return 200, {"status": {"overall": {"level": level}}}
        if call.headers.get("kbn-xsrf") is None and call.headers.get("Kbn-Xsrf") is None:
            return 400, {"message": "Request must contain a kbn-xsrf header."}
        if call.path == "/api/saved_objects/_export":
            wanted = {each["id"] for each in json.loads(call.body)["objects"]}
            return (200, {}) if wanted <= self.objects.keys() else (400, {"message": "not found"})
        self.n_imports += 1
        if self.n_imports == 1:
            return 503, {"message": "Kibana is not ready yet"}
        for line in re.findall(r"^\{.*\}\s*$", call.body, flags=re.M):
            saved = json.loads(line)
            if "id" in saved:
                self.objects[saved["id"]] = saved
        return 200, {"success": True, "successCount": len(self.objects)}
