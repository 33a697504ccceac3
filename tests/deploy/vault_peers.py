"""OpenBao, configured by the role `vault`, over https and outside the cluster."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.deploy import openbao, playbooks
from tests.deploy.openbao import NAMESPACE, Bao, Cluster
from tests.deploy.recorder import recording

PYTHON = "ansible_python_interpreter='{{ ansible_playbook_python }}'"
HERE = f"[cluster]\nlocalhost ansible_connection=local {PYTHON}\n"


class Peers:
    def __init__(self, folder: Path, bao: Bao, cluster: Cluster, api: str) -> None:
        self.bao, self.cluster, self.inventory = bao, cluster, folder / "hosts.ini"
        self.inventory.write_text(HERE)
        self.role = playbooks.play(folder, "vault")
        self.variables = {
            "ansible_become": False,
            "vault_address": bao.url,
            "vault_token": bao.TOKEN,
            "vault_ca": str(bao.ca),
            "vault_kubernetes_host": api,
            "vault_kubernetes_ca": bao.ca.read_text().strip(),
            "vault_delay_s": 0,
            "vault_retries": 2,
        }

    def configure(self, **more) -> tuple[int, str]:
        return self.play(self.role, **{"vault_reviewer_jwt": self.cluster.reviewer} | more)

    def play(self, playbook: Path | str, path: str = "", **more) -> tuple[int, str]:
        variables = self.variables | more
        return playbooks.run(playbook, str(self.inventory), path=path, **variables)

    def login(self, account: str, role: str, namespace: str = NAMESPACE) -> tuple[int, str]:
        """Return the status, and the token or the error."""
        login = {"role": role, "jwt": self.cluster.token(account, namespace)}
        status, answer = self.bao.ask("POST", "auth/kubernetes/login", login, token="")
        return status, answer["auth"]["client_token"] if status == 200 else answer["errors"][0]


@contextmanager
def meeting(folder: Path) -> Iterator[Peers]:
    cluster = Cluster()
    with (
        openbao.serving(folder) as bao,
        recording(cluster, bao.certificate()) as api,
    ):
        yield Peers(folder, bao, cluster, api.url)
