"""An overlay that sends traces: what it is told, and what the network lets through."""

import shutil
import subprocess
from urllib.parse import urlsplit

import kubernetes_validate
import pytest
import yaml

from tests.deploy.manifests import ROOT


@pytest.fixture(scope="module")
def objects(tmp_path_factory):
    if not shutil.which("kubectl"):
        pytest.skip("kubectl is not installed")
    folder = tmp_path_factory.mktemp("traced")
    copy = shutil.copytree(ROOT / "k8s", folder / "k8s", ignore=lambda *_: ["secrets"])
    overlay = copy / "overlays" / "production" / "kustomization.yaml"
    told = yaml.safe_load(overlay.read_text())
    told["components"].append("../../components/tracing")
    overlay.write_text(yaml.safe_dump(told))
    command = ["kubectl", "kustomize", str(overlay.parent)]
    done = subprocess.run(command, text=True, capture_output=True)
    assert done.returncode == 0, done.stderr
    return {
        (thing["kind"], thing["metadata"]["name"]): thing
        for thing in yaml.safe_load_all(done.stdout)
    }


def test_web_pods_may_reach_the_collector_that_they_are_told_of(objects):
    policy = objects["NetworkPolicy", "collector-clients"]
    kubernetes_validate.validate(policy, kubernetes_validate.latest_version(), strict=True)
    [settings] = [
        thing["data"]
        for (kind, name), thing in objects.items()
        if kind == "ConfigMap" and "OTEL_EXPORTER_OTLP_ENDPOINT" in thing["data"]
    ]
    [rule] = policy["spec"]["egress"]
    [peer] = rule["to"]
    [port] = rule["ports"]
    service, _, namespace = urlsplit(settings["OTEL_EXPORTER_OTLP_ENDPOINT"]).hostname.partition(
        "."
    )
    assert urlsplit(settings["OTEL_EXPORTER_OTLP_ENDPOINT"]).port == port["port"]
    assert peer["namespaceSelector"]["matchLabels"] == {"kubernetes.io/metadata.name": namespace}
    assert peer["podSelector"]["matchLabels"] == {"app.kubernetes.io/name": service}
    web = objects["Deployment", "web"]["spec"]["template"]["metadata"]["labels"]
    assert policy["spec"]["podSelector"]["matchLabels"].items() <= web.items()
