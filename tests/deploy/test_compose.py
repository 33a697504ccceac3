"""docker-compose.yml and .dockerignore agree with the site."""

import re

import pytest
import yaml
from django.apps import apps
from django.conf import settings

from tests.deploy.test_manifests import SERVER_NAMES
from tests.test_docs import names_of_settings

ROOT = settings.BASE_DIR
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
OURS = [
    name for name, service in SERVICES.items() if "build" in service and "environment" in service
]


def local_apps() -> list[str]:
    return [app.name for app in apps.get_app_configs() if ROOT.joinpath(app.name).is_dir()]


@pytest.mark.parametrize("name", local_apps())
def test_every_app_is_in_the_image(name):
    assert f"!{name}" in (ROOT / ".dockerignore").read_text().splitlines()


def test_translations_templates_and_styles_are_in_the_image():
    folders = [*settings.LOCALE_PATHS, *settings.STATICFILES_DIRS, *settings.TEMPLATES[0]["DIRS"]]
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    assert {f"!{folder.relative_to(ROOT)}" for folder in folders} <= set(lines)


def test_dockerignore_excludes_everything_by_default():
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    assert next(line for line in lines if not line.startswith("#")) == "*"


@pytest.mark.parametrize("name", OURS)
def test_the_site_reads_every_environment_variable(name):
    known = set(names_of_settings()) | SERVER_NAMES
    variables = {key.removesuffix("_FILE") for key in SERVICES[name]["environment"]}
    assert variables <= known


@pytest.mark.parametrize("name", OURS)
def test_every_secret_file_of_a_setting_is_mounted(name):
    read = {
        value.removeprefix("/run/secrets/")
        for value in SERVICES[name]["environment"].values()
        if str(value).startswith("/run/secrets/")
    }
    assert read == set(SERVICES[name]["secrets"]) == set(COMPOSE["secrets"])


def test_the_site_waits_for_the_migration():
    migrated = SERVICES["web"]["depends_on"]["migrate"]["condition"]
    assert migrated == "service_completed_successfully"
    assert SERVICES["migrate"]["restart"] == "no"


@pytest.mark.parametrize("name", SERVICES)
def test_every_image_has_a_version(name):
    assert re.search(r":v?(\d|\$\{BUILD:-build-0\}$)", SERVICES[name]["image"])


def test_mlflow_upgrades_the_store_that_its_server_uses():
    path = SERVICES["mlflow-upgrade"]["command"][-1]
    assert f"--backend-store-uri=sqlite:///{path}" in SERVICES["mlflow"]["command"]
    condition = SERVICES["mlflow"]["depends_on"]["mlflow-upgrade"]["condition"]
    assert condition == "service_completed_successfully"
