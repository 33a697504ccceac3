"""An overlay with the tracing component: settings and network policy."""

from urllib.parse import urlsplit

import pytest

from tests.deploy.manifests import EVERYTHING, render


@pytest.fixture(scope="module")
def objects():
    things = render(EVERYTHING)
    return {(thing["kind"], thing["metadata"]["name"]): thing for thing in things}


def test_web_pods_may_reach_the_configured_collector(objects):
    policy = objects["NetworkPolicy", "collector-clients"]
    [settings] = [
        thing["data"]
        for (kind, name), thing in objects.items()
        if kind == "ConfigMap"
        and name.startswith("site-")
        and "OTEL_EXPORTER_OTLP_ENDPOINT" in thing["data"]
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
