"""The log stack's manifests are consistent with each other and with docker-compose.yml."""

import os
import re

import kubernetes_validate
import pytest
import yaml
from django.conf import settings

from tests.deploy.manifests import kustomize
from tests.support import add_program, run

PODS = ("elasticsearch", "logstash", "kibana", "dashboards")
FOLDER = settings.BASE_DIR / "k8s" / "logging"
MONITORING = settings.BASE_DIR / "k8s" / "monitoring"
COMPOSE = yaml.safe_load((settings.BASE_DIR / "docker-compose.yml").read_text())["services"]


def render(name):
    things = kustomize(settings.BASE_DIR / "k8s" / name)
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
    """Return the data of the ConfigMap; kustomize appends a hash to its name."""
    (data,) = (
        thing["data"]
        for (kind, full), thing in things.items()
        if kind == "ConfigMap" and full.rpartition("-")[0] == name
    )
    return data


def test_every_object_is_valid_in_the_newest_kubernetes(rendered):
    for thing in rendered.values():
        kubernetes_validate.validate(thing, kubernetes_validate.latest_version(), strict=True)


def test_kustomization_lists_every_manifest():
    listed = yaml.safe_load((FOLDER / "kustomization.yaml").read_text())
    there = {path.name for path in FOLDER.glob("*.yaml")} - {"kustomization.yaml"}
    assert there == set(listed["resources"])


def test_kibana_has_its_port_and_host_and_elasticsearch_its_heap(plain):
    assert plain["Service", "kibana"]["spec"]["ports"][0]["nodePort"] == 30002
    assert plain["Ingress", "kibana"]["spec"]["rules"][0]["host"] == "kibana.com"
    [node] = pod_of(plain, "elasticsearch")["spec"]["containers"]
    values = {variable["name"]: variable["value"] for variable in node["env"]}
    assert values["ES_JAVA_OPTS"] == "-Xms512m -Xmx512m"
    assert values["discovery.type"] == "single-node"
    assert node["resources"]["limits"]["memory"]


def test_kibana_in_production_requires_https_and_a_login(https):
    ingress = https["Ingress", "kibana"]
    assert ingress["spec"]["tls"] == [{"hosts": ["kibana.com"], "secretName": "kibana-tls"}]
    notes = ingress["metadata"]["annotations"]
    assert notes["nginx.ingress.kubernetes.io/auth-type"] == "basic"
    assert notes["nginx.ingress.kubernetes.io/auth-secret"] == "kibana-login"
    assert "nodePort" not in https["Service", "kibana"]["spec"]["ports"][0]
    [kibana] = pod_of(https, "kibana")["spec"]["containers"]
    assert {"name": "SERVER_PUBLICBASEURL", "value": "https://kibana.com"} in kibana["env"]


def policy(things, name):
    return things["NetworkPolicy", name]["spec"]


def test_traffic_is_denied_unless_a_policy_allows_it(rendered):
    deny = rendered["NetworkPolicy", "default-deny"]["spec"]
    assert deny == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


def test_every_network_policy_selects_a_pod_of_the_stack(rendered):
    labels = [pod_of(rendered, name)["metadata"]["labels"] for name in PODS]
    for (kind, name), thing in rendered.items():
        if kind == "NetworkPolicy":
            selector = thing["spec"]["podSelector"].get("matchLabels", {})
            assert any(selector.items() <= each.items() for each in labels), name


def test_only_logstash_and_kibana_are_clients_of_elasticsearch(rendered):
    client = {"rottenpotatoes/elasticsearch": "client"}
    [rule] = policy(rendered, "elasticsearch")["ingress"]
    assert rule["from"] == [{"podSelector": {"matchLabels": client}}]
    clients = {
        name
        for name in PODS
        if client.items() <= pod_of(rendered, name)["metadata"]["labels"].items()
    }
    assert clients == {"logstash", "kibana"}


def test_every_pod_can_resolve_names(rendered):
    (rule,) = rendered["NetworkPolicy", "dns"]["spec"]["egress"]
    assert rendered["NetworkPolicy", "dns"]["spec"]["podSelector"] == {}
    assert {(port["port"], port["protocol"]) for port in rule["ports"]} == {
        (53, "UDP"),
        (53, "TCP"),
    }


def test_logstash_accepts_events_from_the_namespace_of_the_site_only(rendered):
    [rule] = policy(rendered, "logstash")["ingress"]
    site = {"matchLabels": {"kubernetes.io/metadata.name": "rotten-potatoes"}}
    assert rule["from"] == [{"namespaceSelector": site}]
    assert {port["port"] for port in rule["ports"]} == {"http", "tcp"}


def test_kibana_behind_a_login_accepts_connections_from_the_ingress_only(plain, https):
    nginx = {"matchLabels": {"kubernetes.io/metadata.name": "ingress-nginx"}}
    [rule] = policy(https, "kibana")["ingress"]
    assert {"namespaceSelector": nginx} in rule["from"]
    [rule] = policy(plain, "kibana")["ingress"]
    assert "from" not in rule  # behind a NodePort the source is the client's address


def test_site_queues_events_on_the_disk_of_its_pod():
    component = yaml.safe_load((FOLDER / "site/kustomization.yaml").read_text())
    values = dict(line.split("=") for line in component["configMapGenerator"][0]["literals"])
    assert values["LOGSTASH_URL"] == "http://logstash.rotten-potatoes-logging:8080"
    web = yaml.safe_load((FOLDER.parent / "base/web-deployment.yaml").read_text())
    [container] = web["spec"]["template"]["spec"]["containers"]
    mounts = {mount["mountPath"]: mount["name"] for mount in container["volumeMounts"]}
    folder = values["LOGSTASH_QUEUE_DIR"].rpartition("/")[0]
    volumes = {volume["name"]: volume for volume in web["spec"]["template"]["spec"]["volumes"]}
    assert "emptyDir" in volumes[mounts[folder]]


def test_logstash_keeps_its_queue_on_a_volume(rendered):
    stateful = rendered["StatefulSet", "logstash"]["spec"]
    [container] = stateful["template"]["spec"]["containers"]
    mounts = {mount["mountPath"]: mount["name"] for mount in container["volumeMounts"]}
    claims = {claim["metadata"]["name"] for claim in stateful["volumeClaimTemplates"]}
    assert mounts["/usr/share/logstash/data"] in claims
    assert "logstash:/usr/share/logstash/data" in COMPOSE["logstash"]["volumes"]


def test_logstash_pod_mounts_every_logstash_file(rendered):
    [container] = pod_of(rendered, "logstash")["spec"]["containers"]
    mounted = {mount.get("subPath") for mount in container["volumeMounts"]} - {None}
    files = {path.name for path in (FOLDER / "logstash").iterdir()}
    assert mounted == files == set(config_of(rendered, "logstash"))
    places = {mount["mountPath"] for mount in container["volumeMounts"] if "subPath" in mount}
    bound = [volume.split(":") for volume in COMPOSE["logstash"]["volumes"]]
    assert {place for host, place, *_ in bound if host.startswith("./")} == places


def test_logstash_starts_after_the_index_templates_are_installed(rendered):
    [before] = pod_of(rendered, "logstash")["spec"]["initContainers"]
    assert before["command"] == ["sh", "/setup/setup.sh", "index"]
    waits_for = COMPOSE["logstash"]["depends_on"]["logging-index"]["condition"]
    assert waits_for == "service_completed_successfully"
    assert COMPOSE["logging-index"]["command"] == before["command"]


def test_changed_configuration_can_be_applied_again_and_restarts_its_pods(rendered):
    # Jobs are immutable: applying a changed one fails until the old one is deleted.
    assert "Job" not in {kind for kind, _ in rendered}
    [before] = pod_of(rendered, "dashboards")["spec"]["initContainers"]
    assert before["command"] == ["sh", "/setup/setup.sh", "dashboards"]
    for name in ("dashboards", "logstash"):
        for volume in pod_of(rendered, name)["spec"]["volumes"]:
            assert ("ConfigMap", volume["configMap"]["name"]) in rendered  # including the hash


def test_both_forms_of_the_alert_rules_are_equal():
    plain = yaml.safe_load((MONITORING / "rules.yml").read_text())
    wrapped = yaml.safe_load((MONITORING / "prometheus-rule.yaml").read_text())
    assert wrapped["spec"] == plain


FILES = {
    "index": ["setup.sh", "retention.json", "index-template.json", "rejected-template.json"],
    "dashboards": ["setup.sh", "objects.ndjson"],
}


def test_setup_script_has_the_files_it_reads(plain):
    assert sorted(config_of(plain, "logging-setup")) == sorted(FILES["index"])
    assert sorted(config_of(plain, "dashboards")) == sorted(FILES["dashboards"])
    for service, what in (("logging-index", "index"), ("logging-setup", "dashboards")):
        bound = {volume.split(":")[1] for volume in COMPOSE[service]["volumes"]}
        assert bound == {f"/setup/{name}" for name in FILES[what]}


def test_setup_script_without_an_argument_prints_its_usage():
    done = run("sh", FOLDER / "setup/setup.sh", check=False)
    assert done.returncode == 2
    assert done.stderr == "usage: setup.sh index|dashboards\n"


@pytest.mark.parametrize(("answer", "code"), [('{"success":true}', 0), ('{"success":false}', 1)])
def test_setup_script_fails_if_kibana_imports_nothing(tmp_path, answer, code):
    add_program(tmp_path / "curl", f"echo '{answer}'")
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "KIBANA": "http://kibana:5601"}
    done = run("sh", FOLDER / "setup/setup.sh", "dashboards", env=environment, check=False)
    assert done.returncode == code


def test_dead_letter_folder_exists_before_the_rejected_pipeline_starts(plain):
    pipeline = (FOLDER / "logstash/rejected.conf").read_text()
    path, owner = re.search(r'\bpath => "(.+)"\s+pipeline_id => "(.+)"', pipeline).groups()
    [node] = pod_of(plain, "logstash")["spec"]["containers"]
    for command in (node["command"], COMPOSE["logstash"]["entrypoint"]):
        assert command[-1].startswith(f"mkdir -p {path}/{owner} && exec ")
