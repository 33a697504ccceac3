"""Pushing to Debian's Docker registry, and pinning third-party images by digest."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from django.conf import settings

from tests.support import free_port, run, running, wait_for_url

ROOT = settings.BASE_DIR
CONFIG = """
version: 0.1
storage: {{filesystem: {{rootdirectory: {folder}/images}}}}
http: {{addr: "127.0.0.1:{port}", secret: of-this-test}}
{auth}
"""


def need(program: str, package: str) -> None:
    if not shutil.which(program):
        run("apt-get", "install", "-y", "-qq", "--no-install-recommends", package)


class Registry:
    def __init__(self, folder: Path, auth: str = "") -> None:
        self.port, self.config = free_port(), folder / "registry.yml"
        self.config.write_text(CONFIG.format(folder=folder, port=self.port, auth=auth))
        self.address = f"127.0.0.1:{self.port}"

    @contextmanager
    def serving(self) -> Iterator[None]:
        with running("docker-registry", "serve", self.config):
            wait_for_url(f"http://{self.address}/")
            yield

    def tags(self, name: str) -> set[str]:
        return set(requests.get(f"http://{self.address}/v2/{name}/tags/list").json()["tags"])


@pytest.fixture(scope="module")
def registry(engine, tmp_path_factory) -> Iterator[Registry]:
    need("docker-registry", "docker-registry")
    made = Registry(tmp_path_factory.mktemp("registry"))
    with made.serving():
        yield made


@pytest.fixture(scope="module")
def base(engine) -> str:
    """Return a small image that the engine always has."""
    return "python:3.11-slim-bookworm"


def push(image: str, **more: str):
    return run(
        ROOT / "scripts" / "ci" / "push-image",
        image,
        "build-7",
        cwd=ROOT,
        env=os.environ | more,
        check=False,
    )


def named(image: str, base: str) -> str:
    commit = run("git", "rev-parse", "HEAD", cwd=ROOT).stdout.strip()
    for name in (image, f"{image}-training"):
        for tag in ("build-7", commit):
            run("docker", "tag", base, f"{name}:{tag}")
    return commit


def test_both_images_are_pushed_with_build_and_commit_as_tags(registry, base):
    image = f"{registry.address}/rotten-potatoes"
    commit = named(image, base)
    done = push(image)
    assert done.returncode == 0, done.stderr
    for name in ("rotten-potatoes", "rotten-potatoes-training"):
        assert registry.tags(name) == {"build-7", commit}


def test_a_private_registry_gets_its_own_login(engine, base, tmp_path):
    need("docker-registry", "docker-registry")
    need("htpasswd", "apache2-utils")
    run("htpasswd", "-Bbc", tmp_path / "users", "jenkins", "right")
    auth = f"auth: {{htpasswd: {{realm: here, path: {tmp_path}/users}}}}"
    asking = Registry(tmp_path, auth)
    image = f"{asking.address}/rotten-potatoes"
    named(image, base)
    login = {"REGISTRY_LOGIN_USR": "jenkins", "DOCKER_CONFIG": str(tmp_path / "docker")}
    with asking.serving():
        refused = push(image, REGISTRY_LOGIN_PSW="wrong", **login)
        accepted = push(image, REGISTRY_LOGIN_PSW="right", **login)
    assert refused.returncode != 0
    assert "Unauthorized" in refused.stderr
    assert accepted.returncode == 0, accepted.stderr
    assert "right" not in accepted.stdout + accepted.stderr


def test_images_are_pinned_by_their_registrys_digests(registry, base, tmp_path):
    need("skopeo", "skopeo")
    tree = shutil.copytree(ROOT / "k8s", tmp_path / "k8s", ignore=lambda *_: ["secrets"]).parent
    environment = at_home_elsewhere(tmp_path, registry.address)
    for image in third_parties(tree):
        path = image.removeprefix("docker.elastic.co/") if "/" in image else f"library/{image}"
        run("docker", "tag", base, f"{registry.address}/{path}")
        run("docker", "push", "--quiet", f"{registry.address}/{path}")
    run(ROOT / "scripts" / "ops" / "pin-images", cwd=tree, env=environment)
    rendered = run("kubectl", "kustomize", tree / "k8s" / "overlays" / "production").stdout
    images = {
        each for each in re.findall(r"image: (\S+)", rendered) if "rotten-potatoes" not in each
    }
    assert images
    assert all(re.search(r"@sha256:[0-9a-f]{64}$", image) for image in images)


def at_home_elsewhere(folder: Path, address: str) -> dict[str, str]:
    """Return an environment in which all registries are redirected to this address."""
    config = folder / ".config" / "containers" / "registries.conf"
    config.parent.mkdir(parents=True)
    mirror = '[[registry]]\nprefix = "{}"\nlocation = "{}"\ninsecure = true\n'
    config.write_text(
        mirror.format("docker.io", address) + mirror.format("docker.elastic.co", address)
    )
    return os.environ | {"HOME": str(folder)}


def third_parties(tree: Path) -> set[str]:
    texts = [path.read_text() for path in tree.glob("k8s/*/*.yaml")]
    images = {image for text in texts for image in re.findall(r"^ +image: (\S+)", text, re.M)}
    return {image for image in images if not image.startswith("rotten-potatoes")}


def test_pinned_digests_stay_if_the_registry_is_unreachable(tmp_path):
    need("skopeo", "skopeo")
    tree = shutil.copytree(ROOT / "k8s", tmp_path / "k8s", ignore=lambda *_: ["secrets"]).parent
    target = tree / "k8s" / "components" / "pinned" / "kustomization.yaml"
    before = target.read_text()
    environment = at_home_elsewhere(tmp_path, f"127.0.0.1:{free_port()}")
    done = run(ROOT / "scripts" / "ops" / "pin-images", cwd=tree, env=environment, check=False)
    assert done.returncode != 0
    assert target.read_text() == before
