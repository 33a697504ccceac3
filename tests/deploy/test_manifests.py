"""The manifests are valid, consistent, and agree with the site."""

import os
import re
from pathlib import Path

import kubernetes_validate
import pytest
import yaml
from django.urls import resolve

from tests.deploy import manifests
from tests.deploy.manifests import OVERLAYS, ROOT, SECRETS, containers, environment, of_kind, pods
from tests.test_docs import names_of_settings

pytestmark = pytest.mark.parametrize("overlay", OVERLAYS)

# Read by gunicorn.conf.py, the lineage, scripts and OpenTelemetry.
SERVER_NAMES = {"PORT", "BIND", "WEB_CONCURRENCY", "GIT_COMMIT", "DVC_REMOTE_URL"}
SERVER_NAMES |= {"OTEL_EXPORTER_OTLP_ENDPOINT"}


def test_every_object_is_valid_in_the_newest_kubernetes(overlay):
    newest = kubernetes_validate.latest_version()
    for thing in manifests.render(overlay):
        if thing["apiVersion"].endswith(("monitoring.coreos.com/v1",)):
            continue  # a custom resource, which has no schema
        kubernetes_validate.validate(thing, newest, strict=True)


def test_probes_use_paths_that_exist(overlay):
    asked = set()
    for _, _, container in containers(overlay):
        for kind in ("startupProbe", "readinessProbe", "livenessProbe"):
            get = container.get(kind, {}).get("httpGet")
            if get and container["name"] == "web":
                asked.add(resolve(get["path"]).view_name)
    assert asked == {"healthz", "startupz", "readyz"}


def test_probes_use_a_host_from_allowed_hosts(overlay):
    for _, _, container in containers(overlay):
        if container["name"] != "web":
            continue
        hosts = environment(overlay, container)["ALLOWED_HOSTS"].split(",")
        for kind in ("startupProbe", "readinessProbe", "livenessProbe"):
            (header,) = container[kind]["httpGet"]["httpHeaders"]
            assert {header["value"], "*"} & set(hosts)


def test_the_liveness_probe_does_not_use_the_database(overlay):
    web = manifests.find(overlay, "Deployment", "web")["spec"]["template"]["spec"]
    assert web["containers"][0]["livenessProbe"]["httpGet"]["path"] == "/healthz"


def test_probes_use_ports_of_the_container(overlay):
    for name, _, container in containers(overlay):
        ports = {port["name"] for port in container.get("ports", [])}
        for kind in ("startupProbe", "readinessProbe", "livenessProbe"):
            probe = container.get(kind, {})
            for way in ("httpGet", "tcpSocket"):
                if way in probe:
                    assert probe[way]["port"] in ports, name


def chosen(selector: dict, overlay: str) -> list[dict]:
    return [
        template
        for _, template in pods(overlay)
        if selector.items() <= template["metadata"]["labels"].items()
    ]


def test_services_use_ports_of_the_selected_pods(overlay):
    for service in of_kind(overlay, "Service"):
        (template,) = chosen(service["spec"]["selector"], overlay)
        has = {p["name"] for c in template["spec"]["containers"] for p in c.get("ports", [])}
        wanted = {port["targetPort"] for port in service["spec"]["ports"]}
        assert wanted <= has, service["metadata"]["name"]


def test_no_node_port_bypasses_the_https_ingress(overlay):
    settings = manifests.find(overlay, "Deployment", "web")["spec"]["template"]["spec"]
    is_https = environment(overlay, settings["containers"][0]).get("HTTPS") == "true"
    ports = {
        port.get("nodePort")
        for service in of_kind(overlay, "Service")
        for port in service["spec"]["ports"]
    }
    assert (30001 in ports) is not is_https


def test_ingresses_use_services_that_exist(overlay):
    for ingress in of_kind(overlay, "Ingress"):
        for rule in ingress["spec"]["rules"]:
            for path in rule["http"]["paths"]:
                backend = path["backend"]["service"]
                service = manifests.find(overlay, "Service", backend["name"])
                names = {port["name"] for port in service["spec"]["ports"]}
                assert backend["port"]["name"] in names


def test_hosts_in_the_settings_are_services_that_exist(overlay):
    services = {service["metadata"]["name"] for service in of_kind(overlay, "Service")}
    for name, _, container in containers(overlay):
        if manifests.is_ours(container):
            for value in environment(overlay, container).values():
                for host in re.findall(r"(?:redis|postgres|http)://(?:\w+@)?([\w-]+):", value):
                    assert host in services, (name, value)


def test_the_site_reads_every_environment_variable(overlay):
    known = set(names_of_settings()) | SERVER_NAMES
    for name, _, container in containers(overlay):
        if manifests.is_ours(container):
            names = environment(overlay, container)
            unknown = {n for n in names if n.removesuffix("_FILE") not in known}
            assert not unknown, name


def given_files(template: dict, overlay: str, container: dict) -> set[str]:
    """Return the files in SECRETS that Vault or a mounted Secret provides to this container."""
    notes = template["metadata"].get("annotations", {})
    start = "vault.hashicorp.com/agent-inject-secret-"
    files = {f"{SECRETS}/{key.removeprefix(start)}" for key in notes if key.startswith(start)}
    for mount in container.get("volumeMounts", []):
        volumes = template["spec"].get("volumes", [])
        volume = next((v for v in volumes if v["name"] == mount["name"]), {})
        if "secret" in volume and mount["mountPath"] == SECRETS:
            data = manifests.find(overlay, "Secret", volume["secret"]["secretName"])["data"]
            for item in volume["secret"]["items"]:
                assert item["key"] in data
                files.add(f"{mount['mountPath']}/{item['path']}")
    return files


def test_pods_restart_when_a_setting_or_secret_changes(overlay):
    """Names contain a hash of the content, except for two that others look up by name."""
    for thing in of_kind(overlay, "ConfigMap", "Secret"):
        name = thing["metadata"]["name"]
        assert re.search(r"-[a-z0-9]{10}$", name) or name in ("metrics-token", "vault-reviewer")


def test_every_secret_file_has_a_source(overlay):
    n_read = 0
    for name, template, container in containers(overlay):
        wanted = {v for v in environment(overlay, container).values() if v.startswith(SECRETS)}
        assert wanted <= given_files(template, overlay, container), name
        n_read += len(wanted)
    assert n_read >= 19  # web, migration, four CronJobs: three each; and the database


def test_prometheus_uses_the_sites_metrics_token(overlay):
    monitor = yaml.safe_load((ROOT / "k8s" / "monitoring" / "service-monitor.yaml").read_text())
    wanted = monitor["spec"]["endpoints"][0]["authorization"]["credentials"]
    secrets = {thing["metadata"]["name"]: thing for thing in of_kind(overlay, "Secret")}
    site = [thing["data"] for name, thing in secrets.items() if name.startswith("site")]
    if site:
        assert secrets[wanted["name"]]["data"][wanted["key"]] == site[0]["metrics-token"]
    else:  # with Vault, it is created by hand (docs/observability.md)
        docs = (ROOT / "docs" / "observability.md").read_text()
        assert f"create secret generic {wanted['name']} --from-file={wanted['key']}=" in docs


def test_vault_roles_match_the_pods_service_accounts(overlay):
    for name, template in pods(overlay):
        notes = template["metadata"].get("annotations", {})
        if notes.get("vault.hashicorp.com/agent-inject") == "true":
            account = template["spec"]["serviceAccountName"]
            assert notes["vault.hashicorp.com/role"] == f"rotten-potatoes-{account}", name
            assert template["spec"]["automountServiceAccountToken"] is True, name


def test_network_policies_let_every_agent_reach_vault(overlay):
    policies = of_kind(overlay, "NetworkPolicy")
    for policy in (p["spec"] for p in policies if p["metadata"]["name"] == "vault-clients"):
        (match,) = policy["podSelector"]["matchExpressions"]
        for name, template in pods(overlay):
            if "vault.hashicorp.com/agent-inject" in template["metadata"].get("annotations", {}):
                assert template["metadata"]["labels"][match["key"]] in match["values"], name
        assert [port["port"] for rule in policy["egress"] for port in rule["ports"]] == [8200]


def test_the_first_container_of_a_pod_with_an_agent_sets_the_user(overlay):
    # Otherwise the injector rejects the pod: it ignores the pod's security context.
    for name, template in pods(overlay):
        notes = template["metadata"].get("annotations", {})
        if notes.get("vault.hashicorp.com/agent-run-as-same-user") == "true":
            user = template["spec"]["containers"][0]["securityContext"].get("runAsUser")
            assert user, name
            assert user == template["spec"]["securityContext"]["runAsUser"], name


def test_an_agent_does_not_keep_a_job_from_completing(overlay):
    for thing in of_kind(overlay, "Job", "CronJob"):
        notes = manifests.pod_template(thing)["metadata"].get("annotations", {})
        if "vault.hashicorp.com/agent-inject" in notes:
            assert notes["vault.hashicorp.com/agent-pre-populate-only"] == "true"


def test_agents_fetch_a_new_password_before_the_pod_becomes_unready(overlay):
    for name, template in pods(overlay):
        notes = template["metadata"].get("annotations", {})
        if notes.get("vault.hashicorp.com/agent-pre-populate-only") == "false":
            interval = notes["vault.hashicorp.com/template-static-secret-render-interval"]
            probe = template["spec"]["containers"][0]["readinessProbe"]
            patience = probe["periodSeconds"] * probe["failureThreshold"]
            assert int(interval.removesuffix("s")) < patience, name


def test_referenced_claims_accounts_and_config_maps_exist(overlay):
    there = {(thing["kind"], thing["metadata"]["name"]) for thing in manifests.render(overlay)}
    for _, template in pods(overlay):
        spec = template["spec"]
        assert ("ServiceAccount", spec["serviceAccountName"]) in there
        for volume in spec.get("volumes", []):
            if claim := volume.get("persistentVolumeClaim"):
                assert ("PersistentVolumeClaim", claim["claimName"]) in there
            if config := volume.get("configMap"):
                assert ("ConfigMap", config["name"]) in there


def test_every_mount_has_a_volume(overlay):
    for thing in manifests.render(overlay):
        if template := manifests.pod_template(thing):
            volumes = {volume["name"] for volume in template["spec"].get("volumes", [])}
            claims = thing["spec"].get("volumeClaimTemplates", [])
            volumes |= {claim["metadata"]["name"] for claim in claims}
            for container in template["spec"]["containers"]:
                mounts = {mount["name"] for mount in container.get("volumeMounts", [])}
                assert mounts <= volumes, thing["metadata"]["name"]


def test_an_update_keeps_old_pods_until_new_ones_are_ready(overlay):
    web = manifests.find(overlay, "Deployment", "web")["spec"]
    assert web["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
    assert "replicas" not in web  # set by the autoscaler


def test_a_pod_has_time_to_finish_its_requests(overlay):
    conf = (ROOT / "gunicorn.conf.py").read_text()
    graceful = int(re.search(r"^graceful_timeout = (\d+)", conf, re.MULTILINE)[1])
    spec = manifests.find(overlay, "Deployment", "web")["spec"]["template"]["spec"]
    pause = int(spec["containers"][0]["lifecycle"]["preStop"]["exec"]["command"][-1])
    assert spec["terminationGracePeriodSeconds"] > pause + graceful


def test_the_autoscaler_scales_from_one_to_five(overlay):
    spec = manifests.find(overlay, "HorizontalPodAutoscaler", "web")["spec"]
    assert (spec["minReplicas"], spec["maxReplicas"]) == (1, 5)
    percent = spec["metrics"][0]["resource"]["target"]["averageUtilization"]
    assert percent == (5 if overlay == "minikube" else 50)


def test_traffic_is_denied_by_default(overlay):
    deny = manifests.find(overlay, "NetworkPolicy", "default-deny")["spec"]
    assert deny == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


def test_network_policies_let_database_clients_reach_it(overlay):
    for name, template, container in containers(overlay):
        if "DATABASE_URL" in environment(overlay, container):
            assert template["metadata"]["labels"]["rottenpotatoes/database"] == "client", name


def test_commands_exist(overlay):
    for name, _, container in containers(overlay):
        command = container.get("command", [])
        if command[:2] == ["python", "manage.py"]:
            assert list(ROOT.glob(f"*/management/commands/{command[2]}.py")), name
        elif command[:2] == ["python", "-m"]:
            assert Path(ROOT, *command[2].split(".")).with_suffix(".py").exists(), name
        elif command[:1] and command[0].startswith("scripts/"):
            assert os.access(ROOT / command[0], os.X_OK), name


def test_mlflow_upgrades_the_store_that_its_server_uses(overlay):
    spec = manifests.find(overlay, "Deployment", "mlflow")["spec"]["template"]["spec"]
    (upgrade,), (server,) = spec["initContainers"], spec["containers"]
    assert f"--backend-store-uri=sqlite:///{upgrade['command'][-1]}" in server["command"]
    assert upgrade["volumeMounts"] == server["volumeMounts"]


def test_the_migration_writes_its_result_to_the_termination_message(overlay):
    job = manifests.find(overlay, "Job", "migrate")
    (container,) = job["spec"]["template"]["spec"]["containers"]
    path = container.get("terminationMessagePath", "/dev/termination-log")  # Kubernetes' default
    assert container["command"][2:] == ["deploy", "--result-file", path]
