"""OpenBao servers and agents, and a cluster API that reviews tokens."""

import base64
import json
import os
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from django.conf import settings

from tests import support
from tests.deploy.recorder import Call
from tests.plugins.fail_on_skip import must_not_skip
from tests.support import free_port, wait_until

PROGRAM = settings.BASE_DIR / ".venv-manifests" / "bin" / "bao"
NOTE = "vault.hashicorp.com/"
NAMESPACE = "rotten-potatoes"


def need_program() -> None:
    if not PROGRAM.exists():
        refuse = pytest.fail if must_not_skip() else pytest.skip
        refuse("OpenBao is not installed: make lint-manifests")


@contextmanager
def running(folder: Path, *command: str | Path) -> Iterator[subprocess.Popen]:
    mine = os.environ | {"HOME": str(folder)}
    with (
        (folder / "log").open("a") as log,
        support.running(PROGRAM, *command, env=mine, cwd=folder, stdout=log, stderr=log) as process,
    ):
        yield process


class Bao:
    """An in-memory server with a certificate of its own CA."""

    TOKEN = "administrator"

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.url, self.ca = f"https://127.0.0.1:{self.port}", folder / "vault-ca.pem"

    def command(self) -> list[str]:
        here = [f"-dev-listen-address=127.0.0.1:{self.port}", f"-dev-tls-cert-dir={self.folder}"]
        options = ["-dev-tls", f"-dev-root-token-id={self.TOKEN}", "-dev-no-store-token"]
        return ["server", "-dev", *options, *here]

    def ask(
        self, method: str, path: str, body: dict | None = None, token: str = TOKEN
    ) -> tuple[int, dict]:
        url, headers = f"{self.url}/v1/{path}", {"X-Vault-Token": token}
        response = requests.request(
            method, url, json=body, headers=headers, timeout=10, verify=str(self.ca)
        )
        return response.status_code, response.json() if response.content else {}

    def secret(self, path: str, token: str = TOKEN) -> dict | None:
        status, secret = self.ask("GET", f"secret/data/rotten-potatoes/{path}", token=token)
        return secret["data"]["data"] if status == 200 else None

    def answers(self) -> bool:
        try:
            return self.ca.exists() and self.ask("GET", "sys/health")[0] == 200
        except OSError:
            return False

    def certificate(self) -> ssl.SSLContext:
        """Return the server's certificate, for another server on this machine."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.folder / "vault-cert.pem", self.folder / "vault-key.pem")
        return context


@contextmanager
def serving(folder: Path) -> Iterator[Bao]:
    need_program()
    bao = Bao(folder)
    with running(folder, *bao.command()):
        wait_until(bao.answers)
        bao.ask("DELETE", "sys/mounts/secret")  # a production server has no default engine
        yield bao


# --- token reviews ----------------------------------------------------------------------


def encode(claims: dict) -> str:
    return base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()


class Cluster:
    """Answers TokenReviews for the tokens that it has issued."""

    PATH = "/apis/authentication.k8s.io/v1/tokenreviews"

    def __init__(self) -> None:
        self.users: dict[str, dict] = {}
        self.reviewer = self.token("vault-reviewer")

    def token(self, account: str, namespace: str = NAMESPACE) -> str:
        name, uid = f"system:serviceaccount:{namespace}:{account}", f"uid-of-{namespace}-{account}"
        known = {"namespace": namespace, "serviceaccount": {"name": account, "uid": uid}}
        claims = {"sub": name, "kubernetes.io": known, "nbf": 1, "iat": 1, "exp": 4e9}
        token = ".".join([encode({"alg": "RS256"}), encode(claims), encode({"signed": "here"})])
        self.users[token] = {"username": name, "uid": uid}
        return token

    def answer(self, call: Call):
        if (call.method, call.path) != ("POST", self.PATH):
            return 404, {}
        if call.headers.get("Authorization") != f"Bearer {self.reviewer}":
            return 401, {"kind": "Status", "message": "Unauthorized", "code": 401}
        review = json.loads(call.body)
        user = self.users.get(review["spec"]["token"])
        known = {"authenticated": True, "user": user} if user else {"error": "invalid token"}
        return 201, {**review, "status": known}


# --- agents, configured as by the injector -------------------------------------------------


def files_of(notes: dict[str, str]) -> dict[str, str]:
    """Return the files of a pod's annotations: names and templates."""
    start = f"{NOTE}agent-inject-secret-"
    names = [key.removeprefix(start) for key in notes if key.startswith(start)]
    return {name: notes[f"{NOTE}agent-inject-template-{name}"] for name in names}


def agent(folder: Path, notes: dict[str, str], bao: Bao, token: str) -> Path:
    """Write the agent configuration that the injector creates from a pod's annotations."""
    (folder / "token").write_text(token)
    (folder / "secrets").mkdir()
    method = {"role": notes[f"{NOTE}role"], "token_path": f"{folder}/token"}
    interval = notes.get(f"{NOTE}template-static-secret-render-interval", "")
    config = {
        "vault": {"address": bao.url, "ca_cert": str(bao.ca)},
        "auto_auth": {
            "method": {"type": "kubernetes", "config": method},
            "sink": [{"type": "file", "config": {"path": f"{folder}/login"}}],
        },
        "exit_after_auth": notes[f"{NOTE}agent-pre-populate-only"] == "true",
        "template_config": {
            "exit_on_retry_failure": True,
            **({"static_secret_render_interval": interval} if interval else {}),
        },
        "template": [
            {"destination": f"{folder}/secrets/{name}", "contents": contents}
            for name, contents in files_of(notes).items()
        ],
    }
    (folder / "agent.json").write_text(json.dumps(config))
    return folder / "agent.json"
