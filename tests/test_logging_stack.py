"""The log stack's manifests fit one another, and its set-up can be run at any time."""

import http.server
import json
import os
import re
import shutil
import subprocess
import sys
import threading

import kubernetes_validate
import pytest
import yaml
from django.conf import settings

FOLDER = settings.BASE_DIR / "k8s" / "logging"
MONITORING = settings.BASE_DIR / "k8s" / "monitoring"
COMPOSE = yaml.safe_load((settings.BASE_DIR / "docker-compose.yml").read_text())["services"]


def render(name):
    if not shutil.which("kubectl"):
        pytest.skip("kubectl is not installed")
    command = ["kubectl", "kustomize", str(settings.BASE_DIR / "k8s" / name)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert not done.stderr
    things = yaml.safe_load_all(done.stdout)
    return {(thing["kind"], thing["metadata"]["name"]): thing for thing in things}


@pytest.fixture(scope="module", params=["logging", "logging-https"])
def rendered(request):
    return render(request.param)


@pytest.fixture(scope="module")
def plain():
    return render("logging")


@pytest.fixture(scope="module")
def https():
    return render("logging-https")


def pod_of(things, name):
    for kind in ("Deployment", "StatefulSet"):
        if (kind, name) in things:
            return things[kind, name]["spec"]["template"]
    raise KeyError(name)


def config_of(things, name):
    """What a pod finds in the ConfigMap, whatever its hash."""
    (found,) = (
        thing["data"]
        for (kind, full), thing in things.items()
        if kind == "ConfigMap" and full.rpartition("-")[0] == name
    )
    return found


def test_every_object_is_one_of_the_newest_kubernetes(rendered):
    for thing in rendered.values():
        kubernetes_validate.validate(thing, kubernetes_validate.latest_version(), strict=True)


def test_every_object_lives_in_the_namespace(rendered):
    for (kind, _), thing in rendered.items():
        if kind != "Namespace":
            assert thing["metadata"]["namespace"] == "rotten-potatoes-logging"


def test_every_file_is_applied():
    listed = yaml.safe_load((FOLDER / "kustomization.yaml").read_text())
    there = {path.name for path in FOLDER.glob("*.yaml")} - {"kustomization.yaml"}
    assert there == set(listed["resources"])


def test_kibana_and_elasticsearch_are_where_and_as_large_as_they_should_be(plain):
    assert plain["Service", "kibana"]["spec"]["ports"][0]["nodePort"] == 30002
    assert plain["Ingress", "kibana"]["spec"]["rules"][0]["host"] == "kibana.com"
    [node] = pod_of(plain, "elasticsearch")["spec"]["containers"]
    values = {variable["name"]: variable["value"] for variable in node["env"]}
    assert values["ES_JAVA_OPTS"] == "-Xms512m -Xmx512m"
    assert values["discovery.type"] == "single-node"
    assert node["resources"]["limits"]["memory"]


def test_in_production_kibana_is_behind_https_and_a_login(https):
    ingress = https["Ingress", "kibana"]
    assert ingress["spec"]["tls"] == [{"hosts": ["kibana.com"], "secretName": "kibana-tls"}]
    notes = ingress["metadata"]["annotations"]
    assert notes["nginx.ingress.kubernetes.io/auth-type"] == "basic"
    assert notes["nginx.ingress.kubernetes.io/auth-secret"] == "kibana-login"
    assert "nodePort" not in https["Service", "kibana"]["spec"]["ports"][0]
    [kibana] = pod_of(https, "kibana")["spec"]["containers"]
    assert {"name": "SERVER_PUBLICBASEURL", "value": "https://kibana.com"} in kibana["env"]


def selects(selector, labels):
    return selector.get("matchLabels", {}).items() <= labels.items()


def lets(rules, way, labels, namespace, ports):
    """Whether one of the rules lets this peer come, or this pod go, to one of these ports."""
    for rule in rules:
        peers = rule.get(way, [{}])
        is_peer = any(
            selects(peer.get("podSelector", {}), labels)
            and (
                selects(peer["namespaceSelector"], {"kubernetes.io/metadata.name": namespace})
                if "namespaceSelector" in peer
                else not peer or namespace == "rotten-potatoes-logging"
            )
            for peer in peers
        )
        if is_peer and ports & {port["port"] for port in rule["ports"]}:
            return True
    return False


def comes_through(things, source, target, port, namespace="rotten-potatoes-logging"):
    """Whether policies on both sides let this source talk to that port of the target."""
    policies = [thing["spec"] for (kind, _), thing in things.items() if kind == "NetworkPolicy"]
    pod = pod_of(things, target)
    names = {
        each["name"]
        for each in pod["spec"]["containers"][0]["ports"]
        if each["containerPort"] == port
    }
    here, there = source, pod["metadata"]["labels"]
    goes = namespace != "rotten-potatoes-logging" or any(
        lets(p.get("egress", []), "to", there, namespace, {port})
        for p in policies
        if selects(p["podSelector"], here)
    )
    return goes and any(
        lets(p.get("ingress", []), "from", here, namespace, {port, *names})
        for p in policies
        if selects(p["podSelector"], there)
    )


WANTED = {
    ("logstash", "elasticsearch", 9200),
    ("kibana", "elasticsearch", 9200),
    ("dashboards", "kibana", 5601),
}
PORTS = {"elasticsearch": [9200], "logstash": [8080, 5000, 9600], "kibana": [5601]}


def test_nothing_may_talk_to_anything_that_no_policy_names(rendered):
    deny = rendered["NetworkPolicy", "default-deny"]["spec"]
    assert deny == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


def test_who_needs_one_another_comes_through_and_nobody_else(rendered):
    names = ("elasticsearch", "logstash", "kibana", "dashboards")
    through = {
        (source, target, port)
        for source in names
        for target, ports in PORTS.items()
        for port in ports
        if comes_through(rendered, pod_of(rendered, source)["metadata"]["labels"], target, port)
    }
    assert through == WANTED


def test_every_pod_may_ask_for_names(rendered):
    (rule,) = rendered["NetworkPolicy", "dns"]["spec"]["egress"]
    assert rendered["NetworkPolicy", "dns"]["spec"]["podSelector"] == {}
    assert {(port["port"], port["protocol"]) for port in rule["ports"]} == {
        (53, "UDP"),
        (53, "TCP"),
    }


def test_the_site_reaches_logstash_and_nothing_else(rendered):
    web = {"app.kubernetes.io/name": "web", "rottenpotatoes/database": "client"}
    assert comes_through(rendered, web, "logstash", 8080, "rotten-potatoes")
    assert not comes_through(rendered, web, "logstash", 9600, "rotten-potatoes")
    assert not comes_through(rendered, web, "elasticsearch", 9200, "rotten-potatoes")
    assert not comes_through(rendered, {}, "logstash", 8080, "somebody-else")


def test_past_the_login_nobody_reaches_kibana(plain, https):
    nginx = {"app.kubernetes.io/name": "ingress-nginx"}
    assert comes_through(https, nginx, "kibana", 5601, "ingress-nginx")
    assert not comes_through(https, {}, "kibana", 5601, "somebody-else")
    assert comes_through(plain, {}, "kibana", 5601, "somebody-else")  # a NodePort is for all


def test_the_site_keeps_on_its_own_disk_what_waits():
    component = yaml.safe_load((FOLDER / "site/kustomization.yaml").read_text())
    told = dict(line.split("=") for line in component["configMapGenerator"][0]["literals"])
    assert told["LOGSTASH_URL"] == "http://logstash.rotten-potatoes-logging:8080"
    web = yaml.safe_load((FOLDER.parent / "base/web-deployment.yaml").read_text())
    [container] = web["spec"]["template"]["spec"]["containers"]
    mounts = {mount["mountPath"]: mount["name"] for mount in container["volumeMounts"]}
    folder = told["LOGSTASH_QUEUE_DIR"].rpartition("/")[0]
    volumes = {volume["name"]: volume for volume in web["spec"]["template"]["spec"]["volumes"]}
    assert "emptyDir" in volumes[mounts[folder]]


def test_what_logstash_has_taken_outlives_its_pod(rendered):
    stateful = rendered["StatefulSet", "logstash"]["spec"]
    [container] = stateful["template"]["spec"]["containers"]
    mounts = {mount["mountPath"]: mount["name"] for mount in container["volumeMounts"]}
    claims = {claim["metadata"]["name"] for claim in stateful["volumeClaimTemplates"]}
    assert mounts["/usr/share/logstash/data"] in claims
    assert "logstash:/usr/share/logstash/data" in COMPOSE["logstash"]["volumes"]


def test_logstash_finds_every_file_of_its_own(rendered):
    [container] = pod_of(rendered, "logstash")["spec"]["containers"]
    mounted = {mount.get("subPath") for mount in container["volumeMounts"]} - {None}
    files = {path.name for path in (FOLDER / "logstash").iterdir()}
    assert mounted == files == set(config_of(rendered, "logstash"))
    places = {mount["mountPath"] for mount in container["volumeMounts"] if "subPath" in mount}
    bound = [volume.split(":") for volume in COMPOSE["logstash"]["volumes"]]
    assert {place for host, place, *_ in bound if host.startswith("./")} == places


def test_logstash_starts_when_the_templates_are_there(rendered):
    [before] = pod_of(rendered, "logstash")["spec"]["initContainers"]
    assert before["command"] == ["sh", "/setup/setup.sh", "index"]
    waits_for = COMPOSE["logstash"]["depends_on"]["logging-index"]["condition"]
    assert waits_for == "service_completed_successfully"
    assert COMPOSE["logging-index"]["command"] == before["command"]


def test_a_file_that_changed_can_be_applied_at_any_time_and_is_then_read(rendered):
    # A Job cannot be changed: a second apply would be refused while the first one is there.
    assert "Job" not in {kind for kind, _ in rendered}
    [before] = pod_of(rendered, "dashboards")["spec"]["initContainers"]
    assert before["command"] == ["sh", "/setup/setup.sh", "dashboards"]
    for name in ("dashboards", "logstash"):
        for volume in pod_of(rendered, name)["spec"]["volumes"]:
            assert ("ConfigMap", volume["configMap"]["name"]) in rendered  # its hash and all


def test_nothing_runs_as_root(rendered):
    for name in ("elasticsearch", "logstash", "kibana", "dashboards"):
        spec = pod_of(rendered, name)["spec"]
        assert spec["securityContext"]["runAsNonRoot"] is True
        for container in spec["containers"] + spec.get("initContainers", []):
            assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
            assert set(container["resources"]) == {"requests", "limits"}


def test_the_index_template_is_the_catalogues():
    command = [sys.executable, str(FOLDER / "setup/build_template.py")]
    made = subprocess.run(command, capture_output=True, text=True, check=True)
    assert made.stdout == (FOLDER / "setup/index-template.json").read_text()


def test_both_forms_of_the_alert_rules_say_the_same():
    plain = yaml.safe_load((MONITORING / "rules.yml").read_text())
    wrapped = yaml.safe_load((MONITORING / "prometheus-rule.yaml").read_text())
    assert wrapped["spec"] == plain


class StandIn(http.server.BaseHTTPRequestHandler):
    """Elasticsearch and Kibana as they start: the first answer to each address is 503."""

    def do_PUT(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        is_first = self.path not in self.server.seen
        self.server.seen.setdefault(self.path, []).append((self.headers.get("kbn-xsrf"), body))
        answer = b"{}" if is_first else self.server.answer
        self.send_response(503 if is_first else 200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_POST = do_PUT  # noqa: N815

    def log_message(self, *args):
        pass


@pytest.fixture
def stand_in():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), StandIn)
    server.seen, server.answer = {}, b'{"success":true}'
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


FILES = {
    "index": ["setup.sh", "retention.json", "index-template.json", "rejected-template.json"],
    "dashboards": ["setup.sh", "objects.ndjson"],
}


def set_up(server, folder, what):
    """With the files that its pod has, and no other."""
    for name in FILES[what]:
        (path,) = (found for found in FOLDER.rglob(name))
        shutil.copy(path, folder)
    address = f"http://127.0.0.1:{server.server_port}"
    environment = os.environ | {
        {"index": "ELASTICSEARCH", "dashboards": "KIBANA"}[what]: address,
        "RETRIES": "3",
        "DELAY": "0",
        "no_proxy": "*",
    }
    command = ["sh", str(folder / "setup.sh"), what]
    return subprocess.run(command, env=environment, check=False).returncode


def test_the_set_up_has_the_files_that_it_reads(plain):
    assert sorted(config_of(plain, "logging-setup")) == sorted(FILES["index"])
    assert sorted(config_of(plain, "dashboards")) == sorted(FILES["dashboards"])
    for service, what in (("logging-index", "index"), ("logging-setup", "dashboards")):
        bound = {volume.split(":")[1] for volume in COMPOSE[service]["volumes"]}
        assert bound == {f"/setup/{name}" for name in FILES[what]}


def test_the_set_up_of_the_index_waits_and_may_run_again(stand_in, tmp_path):
    assert set_up(stand_in, tmp_path, "index") == 0
    assert set_up(stand_in, tmp_path, "index") == 0
    assert list(stand_in.seen) == [
        "/_ilm/policy/rotten_potatoes_logs",
        "/_index_template/rotten_potatoes_logs",
        "/_index_template/rotten_potatoes_rejected",
    ]
    # The policy that a template names is there before it.
    _, body = stand_in.seen["/_index_template/rotten_potatoes_rejected"][-1]
    policy = json.loads(body)["template"]["settings"]["index.lifecycle.name"]
    assert f"/_ilm/policy/{policy}" in stand_in.seen


def test_the_dashboards_are_imported_and_may_be_again(stand_in, tmp_path):
    assert set_up(stand_in, tmp_path, "dashboards") == 0
    assert set_up(stand_in, tmp_path, "dashboards") == 0
    assert list(stand_in.seen) == ["/api/saved_objects/_import?overwrite=true"]
    header, body = stand_in.seen["/api/saved_objects/_import?overwrite=true"][-1]
    assert header
    assert b"index-pattern" in body


def test_what_kibana_could_not_import_fails_the_set_up(stand_in, tmp_path):
    stand_in.answer = b'{"success":false}'
    assert set_up(stand_in, tmp_path, "dashboards") != 0


def test_what_is_to_be_set_up_must_be_said():
    done = subprocess.run(["sh", FOLDER / "setup/setup.sh"], capture_output=True, check=False)
    assert done.returncode == 2
    assert done.stderr == b"usage: setup.sh index|dashboards\n"


def test_the_folder_of_dead_letters_is_there_before_somebody_reads_it(plain):
    told = (FOLDER / "logstash/rejected.conf").read_text()
    path, owner = re.search(r'\bpath => "(.+)"\s+pipeline_id => "(.+)"', told).groups()
    [node] = pod_of(plain, "logstash")["spec"]["containers"]
    for command in (node["command"], COMPOSE["logstash"]["entrypoint"]):
        assert command[-1].startswith(f"mkdir -p {path}/{owner} && exec ")
