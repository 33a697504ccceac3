"""What the deploy role reads from a cluster's answers."""

import importlib.util
import json
from datetime import UTC, datetime

import pytest
from django.conf import settings

PATH = settings.BASE_DIR / "ansible/roles/deploy/filter_plugins/cluster.py"
JOB = {"template": {"spec": {"containers": [{"name": "migrate", "image": "site:build-2"}]}}}
WEB = {"template": {"spec": {"containers": [{"name": "web", "image": "site:build-2"}]}}}
RENDERED = "\n---\n".join(
    json.dumps({"kind": kind, "metadata": {"name": name}, "spec": spec})
    for kind, name, spec in (("Job", "migrate", JOB), ("Deployment", "web", WEB))
)


@pytest.fixture(scope="module")
def cluster():
    spec = importlib.util.spec_from_file_location("cluster", PATH)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def seen(*items: dict) -> str:
    return json.dumps({"items": items})


def job(condition: str = "", spec: dict = JOB) -> dict:
    applied = json.dumps({"kind": "Job", "spec": spec})
    return {
        "kind": "Job",
        "metadata": {
            "name": "migrate",
            "annotations": {"kubectl.kubernetes.io/last-applied-configuration": applied},
        },
        # As the API server completes it.
        "spec": spec | {"backoffLimit": 3},
        "status": {"conditions": [{"type": condition, "status": "True"}] if condition else []},
    }


def pod(
    image: str,
    *,
    of: str = "web",
    waits: str = "",
    since: str = "2026-01-01T00:00:00Z",
    key: str = "containerStatuses",
    ready=False,
    **metadata,
):
    state = (
        {"waiting": {"reason": waits, "message": "no such\nimage"}} if waits else {"running": {}}
    )
    told = {"name": "web", "image": image, "ready": ready, "state": state}
    return {
        "kind": "Pod",
        "metadata": {"name": f"{of}-1", "labels": {"app.kubernetes.io/name": of}} | metadata,
        "spec": {"containers": [{"image": image}]},
        "status": {key: [told], "startTime": since},
    }


def web(updated: int, available: int, n: int, *, generation: int = 1, reason: str = "") -> dict:
    return {
        "kind": "Deployment",
        "metadata": {"name": "web", "generation": generation},
        "spec": {"replicas": 2},
        "status": {
            "observedGeneration": 1,
            "updatedReplicas": updated,
            "availableReplicas": available,
            "replicas": n,
            "conditions": [{"type": "Progressing", "status": "False", "reason": reason}],
        },
    }


@pytest.mark.parametrize(
    ("condition", "state"), [("Complete", "done"), ("Failed", "failed"), ("", "under way")]
)
def test_the_migration_ends_one_way_or_the_other(cluster, condition, state):
    assert cluster.migration_state(seen(job(condition)), RENDERED) == state


def test_where_kubectl_fails_the_migration_is_waited_for(cluster):
    assert cluster.migration_state("", RENDERED) == "under way"


@pytest.mark.parametrize(
    ("there", "stale"),
    [
        ([], False),
        ([job("Complete")], False),
        ([job()], False),
        ([job("Failed")], True),
        ([job("Complete", spec=WEB)], True),
        ([job(), pod("site:build-2", of="migrate", waits="ImagePullBackOff")], True),
    ],
)
def test_a_migration_goes_that_is_another_one_or_cannot_end(cluster, there, stale):
    assert cluster.migration_is_stale(seen(*there), RENDERED) is stale


@pytest.mark.parametrize(
    ("deployment", "state"),
    [
        (web(2, 2, 2), "done"),
        (web(1, 2, 3), "under way"),  # the first new pod
        (web(2, 2, 3), "under way"),  # an old one is still there
        (web(2, 1, 2), "under way"),  # a new one is not ready
        (web(2, 2, 2, generation=2), "under way"),  # not yet looked at
        (web(1, 2, 3, reason="ProgressDeadlineExceeded"), "failed"),
    ],
)
def test_a_rollout_is_done_when_every_pod_is_new_and_ready(cluster, deployment, state):
    assert cluster.rollout_state(seen(deployment), RENDERED) == state


@pytest.mark.parametrize("reason", ["ErrImagePull", "ImagePullBackOff", "InvalidImageName"])
@pytest.mark.parametrize("key", ["containerStatuses", "initContainerStatuses"])
def test_an_image_that_does_not_come_is_one_sentence(cluster, reason, key):
    there = seen(job(), pod("site:build-2", of="migrate", waits=reason, key=key))
    sentence = "The image site:build-2 cannot be pulled: no such image."
    assert cluster.trouble(there, RENDERED) == sentence
    assert cluster.migration_state(there, RENDERED) == "failed"


def test_a_registry_that_stumbles_is_asked_again(cluster):
    now = datetime.now(UTC).isoformat()
    there = seen(job(), pod("site:build-2", of="migrate", waits="ImagePullBackOff", since=now))
    assert cluster.migration_state(there, RENDERED) == "under way"


def test_a_migration_is_not_judged_by_a_pod_of_the_site(cluster):
    there = seen(job(), pod("site:build-2", waits="ImagePullBackOff"))
    assert cluster.migration_state(there, RENDERED) == "under way"
    assert (
        cluster.rollout_state(
            seen(web(1, 0, 2), pod("site:build-2", waits="ErrImagePull")), RENDERED
        )
        == "failed"
    )


def test_pods_of_the_site_that_wait_for_their_image_are_named(cluster):
    there = [
        pod("site:build-2", waits="ImagePullBackOff", name="web-1"),
        pod("site:build-2", name="web-2"),
        pod("site:build-2", of="migrate", waits="ImagePullBackOff"),
    ]
    assert cluster.waiting_pods(seen(*there), RENDERED) == ["web-1"]
    assert cluster.waiting_pods(seen(*there), "") == []


@pytest.mark.parametrize(
    "other",
    [
        pod("site:build-1", waits="ImagePullBackOff"),
        pod("site:build-2", waits="ImagePullBackOff", deletionTimestamp="2026-11-26T10:00:00Z"),
        pod("site:build-2", waits="ContainerCreating"),
    ],
)
def test_pods_of_other_builds_or_that_go_or_come_are_no_trouble(cluster, other):
    assert cluster.trouble(seen(job(), other), RENDERED) == ""


def test_the_pod_whose_log_is_shown_is_a_new_one_that_is_not_ready(cluster):
    ready = pod("site:build-2", ready=True, name="web-2")
    old = pod("site:build-1", name="web-3")
    assert cluster.unready_pod(seen(ready, old, pod("site:build-2")), RENDERED) == "web-1"


def test_where_the_release_cannot_be_rendered_nothing_is_said_of_it(cluster):
    assert cluster.trouble(seen(job("Failed")), "") == ""
    assert cluster.unready_pod(seen(pod("site:build-2")), "") == ""
    assert not cluster.migration_is_stale(seen(job("Failed")), "")
