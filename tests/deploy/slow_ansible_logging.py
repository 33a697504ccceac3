"""The role logging, with a kubectl that only renders and a server with Kibana's import API."""

import json
import shutil

import pytest
from django.conf import settings

from tests.deploy import playbooks
from tests.deploy.recorder import Kibana, recording
from tests.support import add_program

HERE = (
    "localhost ansible_connection=local ansible_python_interpreter='{{ ansible_playbook_python }}'"
)
# Reports whether the rendered manifests changed.
KUBECTL = """
set -eu
for folder in "$@"; do :; done
echo "$folder" >>"$STATE/folders"
"$REAL_KUBECTL" kustomize "$folder" >"$STATE/rendered"
cmp -s "$STATE/rendered" "$STATE/applied" && did=unchanged || did=configured
mv "$STATE/rendered" "$STATE/applied"
echo "namespace/rotten-potatoes-logging unchanged"
echo "statefulset.apps/logstash $did"
echo "deployment.apps/dashboards $did"
"""


class Guarded(Kibana):
    """Kibana behind an ingress that requires a login."""

    def answer(self, call):
        if call.headers.get("Authorization") != "Basic b3BlcmF0b3I6cGFzc3dvcmQ=":
            return 401, {}
        return super().answer(call)


@pytest.fixture
def place(tmp_path, monkeypatch):
    for name in ("ansible", "home/kibana", "state"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("k8s", "scripts"):
        (tmp_path / name).symlink_to(settings.BASE_DIR / name)
    (tmp_path / "hosts.ini").write_text(HERE)
    add_program(tmp_path / "kubectl", KUBECTL)
    monkeypatch.setenv("STATE", str(tmp_path / "state"))
    monkeypatch.setenv("REAL_KUBECTL", shutil.which("kubectl"))
    return tmp_path


def play(place, url, **variables):
    variables = {
        "logging_kibana_url": url,
        "logging_overlay": "logging",
        "logging_home": str(place / "home"),
        "logging_archive": str(place / "state" / "k8s.tar"),
        "logging_kubectl": str(place / "kubectl"),
        "logging_delay_s": 0,
        "logging_retries": 3,
    } | variables
    variables["logging_release"] = str(settings.BASE_DIR / "k8s" / variables["logging_overlay"])
    return playbooks.run(
        playbooks.play(place / "ansible", "logging"), str(place / "hosts.ini"), **variables
    )


def test_a_second_run_changes_nothing(place):
    with recording(Kibana()) as server:
        rc, output = play(place, server.url)
        assert rc == 0, output
        assert playbooks.n_changed(output) > 0
        rc, output = play(place, server.url)
    assert rc == 0, output
    assert playbooks.n_changed(output) == 0


def test_the_dashboards_are_imported_once_kibana_is_available(place):
    api = Kibana()
    with recording(api) as server:
        play(place, server.url)
    lines = (settings.BASE_DIR / "k8s/logging/kibana/objects.ndjson").read_text().splitlines()
    assert set(api.objects) == {json.loads(line)["id"] for line in lines}
    assert (api.n_status, api.n_imports) == (2, 2)
    imports = [call for call in server.calls if "_import" in call.path]
    assert all("overwrite=true" in call.path for call in imports)
    assert all("multipart/form-data" in call.headers["Content-Type"] for call in imports)


def test_only_missing_or_changed_dashboards_are_imported_again(place):
    api = Kibana()
    with recording(api) as server:
        play(place, server.url)
        n_before = api.n_imports
        api.objects.popitem()
        play(place, server.url)
        assert api.n_imports == n_before + 1
        (place / "home" / "kibana" / "objects.ndjson").write_text("an earlier version")
        play(place, server.url)
    assert api.n_imports == n_before + 2


def test_with_https_the_manifests_with_a_login_are_applied(place):
    with recording(Guarded()) as server:
        rc, output = play(
            place,
            server.url,
            logging_overlay="logging-https",
            logging_kibana_user="operator",
            logging_kibana_password="password",
        )
    assert rc == 0, output
    assert "kibana-login" in (place / "state" / "applied").read_text()
    assert "password" not in (place / "state" / "applied").read_text()


def test_a_wrong_login_fails_without_a_retry(place):
    with recording(Guarded()) as server:
        rc, output = play(place, server.url, logging_kibana_user="operator")
        assert len(server.calls) == 1
    assert rc != 0
    assert "set logging_kibana_user and logging_kibana_password" in " ".join(output.split())


@pytest.mark.parametrize(
    ("url", "overlay"),
    [("http://kibana.com", "logging"), ("https://kibana.com", "logging-https")],
)
def test_kibanas_url_selects_the_manifests(place, url, overlay):
    playbook = place / "ansible" / "overlay.yml"
    tasks = [{"ansible.builtin.debug": {"msg": "it is {{ logging_overlay }}."}, "name": "Print it"}]
    play = {"name": "Try it", "hosts": "all", "gather_facts": False, "tasks": tasks}
    defaults = settings.BASE_DIR / "ansible/roles/logging/defaults/main.yml"
    playbook.write_text(json.dumps([play | {"vars_files": [str(defaults)]}]))
    rc, output = playbooks.run(playbook, str(place / "hosts.ini"), logging_kibana_url=url)
    assert rc == 0, output
    assert f"it is {overlay}." in output
