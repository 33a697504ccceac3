"""The objects of every overlay, as `kubectl kustomize` renders them."""

import functools
import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from django.conf import settings

from tests.support import run

ROOT = settings.BASE_DIR
OVERLAYS = sorted(path.parent.name for path in ROOT.glob("k8s/overlays/*/kustomization.yaml"))
SECRETS = "/run/secrets/rottenpotatoes"
# An overlay that is not in the repository, with all optional components.
EVERYTHING = "production-with-everything"
ADDED = ["../../components/mail", "../../components/tracing", "../../logging/site"]
OVERLAYS.append(EVERYTHING)


@functools.cache
def render(overlay: str) -> list[dict]:
    with tempfile.TemporaryDirectory() as folder:
        # A copy, because overlays without Vault need secret files, which are not in git.
        copy = shutil.copytree(ROOT / "k8s", Path(folder) / "k8s", ignore=lambda *_: ["secrets"])
        target = copy / "overlays" / overlay
        if overlay == EVERYTHING:
            target.mkdir()
            kustomization = {"namespace": "rotten-potatoes", "resources": ["../production"]}
            (target / "kustomization.yaml").write_text(
                json.dumps(kustomization | {"components": ADDED})
            )
        run(ROOT / "scripts" / "ops" / "make-secrets", target / "secrets")
        return kustomize(target)


def kustomize(folder: Path) -> list[dict]:
    if not shutil.which("kubectl"):
        pytest.skip("kubectl is not installed")
    done = run("kubectl", "kustomize", folder)
    assert not done.stderr  # deprecations
    return list(yaml.safe_load_all(done.stdout))


def of_kind(overlay: str, *kinds: str) -> list[dict]:
    return [thing for thing in render(overlay) if thing["kind"] in kinds]


def find(overlay: str, kind: str, name: str) -> dict:
    (found,) = (thing for thing in of_kind(overlay, kind) if thing["metadata"]["name"] == name)
    return found


def pod_template(workload: dict) -> dict | None:
    """Return the pod template of a Deployment, StatefulSet, DaemonSet, Job or CronJob."""
    spec = workload.get("spec", {})
    if workload["kind"] == "CronJob":
        spec = spec["jobTemplate"]["spec"]
    template = spec.get("template")
    return template if template and "containers" in template.get("spec", {}) else None


def pods(overlay: str) -> Iterator[tuple[str, dict]]:
    """Yield (name, pod template) of every workload."""
    for thing in render(overlay):
        if template := pod_template(thing):
            yield f"{thing['kind']}/{thing['metadata']['name']}", template


def containers(overlay: str) -> Iterator[tuple[str, dict, dict]]:
    """Yield (name, pod template, container) of every container."""
    for name, template in pods(overlay):
        spec = template["spec"]
        for container in spec["containers"] + spec.get("initContainers", []):
            yield name, template, container


def is_ours(container: dict) -> bool:
    name = container["image"].partition(":")[0].partition("@")[0]
    return name.rpartition("/")[2].startswith("rotten-potatoes")


def environment(overlay: str, container: dict) -> dict[str, str]:
    """Return a container's environment, including the values from ConfigMaps."""
    variables: dict[str, str] = {}
    for source in container.get("envFrom", []):
        variables |= find(overlay, "ConfigMap", source["configMapRef"]["name"])["data"]
    return variables | {item["name"]: item.get("value", "") for item in container.get("env", [])}
