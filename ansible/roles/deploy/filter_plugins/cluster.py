"""What a cluster says of a release.

``seen`` is `kubectl get jobs,deployments,pods --output json`, empty where kubectl has failed;
``rendered`` is the release as `kubectl kustomize` shows it, empty where it cannot be rendered.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import yaml

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
NO_IMAGE = {"ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull"}
# A registry may stumble: by then kubelet has asked it three times.
PATIENCE = timedelta(seconds=60)


def items(seen: str, kind: str) -> list[dict]:
    return [item for item in json.loads(seen or '{"items": []}')["items"] if item["kind"] == kind]


def named(seen: str, kind: str, name: str) -> dict | None:
    return next((it for it in items(seen, kind) if it["metadata"]["name"] == name), None)


def wanted(rendered: str, kind: str, name: str) -> dict:
    objects = yaml.safe_load_all(rendered)
    return next(it for it in objects if it["kind"] == kind and it["metadata"]["name"] == name)


def images_of(thing: dict) -> set[str]:
    return {container["image"] for container in thing["spec"]["containers"]}


def pods(seen: str, rendered: str) -> Iterator[dict]:
    """Those with an image that the migration or the site has in this release."""
    waited = wanted(rendered, "Job", "migrate"), wanted(rendered, "Deployment", "web")
    images = {image for thing in waited for image in images_of(thing["spec"]["template"])}
    for pod in items(seen, "Pod"):
        # A pod's status may name its image in another way than its spec.
        if images_of(pod) & images and "deletionTimestamp" not in pod["metadata"]:
            yield pod


def waiting(pod: dict) -> Iterator[tuple[str, str]]:
    """(image, why) of each container that waits for its image, Vault's included."""
    status = pod["status"]
    for container in status.get("initContainerStatuses", []) + status.get("containerStatuses", []):
        state = container["state"].get("waiting", {})
        if state.get("reason") in NO_IMAGE:
            yield container["image"], state.get("message") or state["reason"]


def is_of(pod: dict, name: str) -> bool:
    return pod["metadata"]["labels"].get("app.kubernetes.io/name") == name


def has_waited(pod: dict) -> bool:
    started = pod["status"].get("startTime")
    return bool(started) and datetime.now(UTC) - datetime.fromisoformat(started) > PATIENCE


def no_image(seen: str, rendered: str, *names: str) -> str:
    """One sentence on a pod of these names, or nothing."""
    for pod in pods(seen, rendered):
        if has_waited(pod) and any(is_of(pod, name) for name in names):
            for image, why in waiting(pod):
                return f"The image {image} cannot be pulled: {' '.join(why.split()).rstrip('.')}."
    return ""


def waiting_pods(seen: str, rendered: str) -> list[str]:
    """The names of this release's pods of the site that wait for an image."""
    found = pods(seen, rendered) if rendered else ()
    return [pod["metadata"]["name"] for pod in found if is_of(pod, "web") and any(waiting(pod))]


def conditions(thing: dict) -> dict[str, dict]:
    return {each["type"]: each for each in thing.get("status", {}).get("conditions", [])}


def migration_state(seen: str, rendered: str) -> str:
    job = named(seen, "Job", "migrate")
    ended = (
        {name for name, each in conditions(job).items() if each["status"] == "True"}
        if job
        else set()
    )
    if "Complete" in ended:
        return "done"
    return "failed" if "Failed" in ended or no_image(seen, rendered, "migrate") else "under way"


def migration_is_stale(seen: str, rendered: str) -> bool:
    """Whether the Job must go: a Job cannot be changed, and one that failed does not run again."""
    job = named(seen, "Job", "migrate")
    if job is None or not rendered:
        return False
    applied = json.loads(job["metadata"].get("annotations", {}).get(LAST_APPLIED, "{}"))
    other = applied.get("spec") != wanted(rendered, "Job", "migrate")["spec"]
    return other or migration_state(seen, rendered) == "failed"


def rollout_state(seen: str, rendered: str) -> str:
    """As `kubectl rollout status` sees it, but it does not wait where no image comes."""
    web = named(seen, "Deployment", "web")
    if web is None or web["status"].get("observedGeneration", 0) < web["metadata"]["generation"]:
        return "under way"
    progress = conditions(web).get("Progressing", {})
    if progress.get("reason") == "ProgressDeadlineExceeded" or no_image(seen, rendered, "web"):
        return "failed"
    status, n_updated = web["status"], web["status"].get("updatedReplicas", 0)
    is_done = (
        n_updated >= web["spec"].get("replicas", 1)
        and status.get("replicas", 0) <= n_updated
        and status.get("availableReplicas", 0) >= n_updated
    )
    return "done" if is_done else "under way"


def trouble(seen: str, rendered: str) -> str:
    """Why a release does not come up, as far as the cluster tells: a sentence, or nothing."""
    if not rendered:
        return ""
    if why := no_image(seen, rendered, "migrate", "web"):
        return why
    if migration_state(seen, rendered) == "failed":
        return "The migration failed."
    return "The new pods do not get ready." if rollout_state(seen, rendered) == "failed" else ""


def unready_pod(seen: str, rendered: str) -> str:
    """The name of a pod of this release whose site does not answer; empty if there is none."""
    for pod in pods(seen, rendered) if rendered else ():
        containers = pod["status"].get("containerStatuses", [])
        if any(each["name"] == "web" and not each["ready"] for each in containers):
            return pod["metadata"]["name"]
    return ""


class FilterModule:
    def filters(self) -> dict:
        return {
            f"deploy_{each.__name__}": each
            for each in (
                migration_state,
                migration_is_stale,
                rollout_state,
                trouble,
                unready_pod,
                waiting_pods,
            )
        }
