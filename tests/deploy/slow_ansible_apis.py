"""The API calls of the roles vault and logging, recorded by small servers."""

import json

import pytest
from django.conf import settings

from tests.deploy import playbooks
from tests.deploy.recorder import Kibana, Vault, recording

HERE = (
    "localhost ansible_connection=local ansible_python_interpreter='{{ ansible_playbook_python }}'"
)
OBJECTS = [
    {"id": "reviews", "type": "index-pattern", "attributes": {"title": "reviews-*"}},
    {"id": "all-reviews", "type": "dashboard", "attributes": {"title": "Réviews"}},
]


def inventory(folder):
    path = folder / "hosts.ini"
    path.write_text(HERE)
    return str(path)


@pytest.fixture
def here(tmp_path):
    return inventory(tmp_path)


def vault(tmp_path, here, server, **variables):
    variables |= {"vault_address": server.url, "vault_token": Vault.TOKEN, "vault_delay_s": 0}
    return playbooks.run(playbooks.play(tmp_path, "vault"), here, **variables)


@pytest.fixture(scope="module")
def configured(tmp_path_factory):
    api, tmp_path = Vault(), tmp_path_factory.mktemp("vault")
    here = inventory(tmp_path)
    with recording(api) as server:
        first = vault(tmp_path, here, server)
        n_first = len(server.calls)
        second = vault(tmp_path, here, server)
        yield api, server.calls[:n_first], server.calls[n_first:], first, second


def test_vault_contains_everything_that_the_manifests_use(configured):
    api, *_ = configured
    annotations = (settings.BASE_DIR / "k8s" / "components" / "vault" / "web.yaml").read_text()
    for path in ("rotten-potatoes/database", "rotten-potatoes/site", "rotten-potatoes/metrics"):
        assert f"secret/data/{path}" in annotations
        assert f"/v1/secret/data/{path}" in api.kept
    assert api.kept["/v1/auth/kubernetes/role/rotten-potatoes-web"] == {
        "bound_service_account_names": ["web"],
        "bound_service_account_namespaces": ["rotten-potatoes"],
        "token_policies": ["rotten-potatoes-web"],
        "token_ttl": 3600,
    }
    # A Vault inside the cluster uses its pod's CA and token.
    assert api.kept["/v1/auth/kubernetes/config"] == {
        "kubernetes_host": "https://kubernetes.default.svc",
        "kubernetes_ca_cert": "",
        "token_reviewer_jwt": "",
        "disable_local_ca_jwt": False,
    }
    assert api.kept["/v1/sys/mounts/secret"] == {"type": "kv", "options": {"version": "2"}}


def test_each_role_may_read_only_its_own_secrets(configured):
    api, *_ = configured
    policy = api.kept["/v1/sys/policies/acl/rotten-potatoes-postgres"]["policy"]
    assert 'path "secret/data/rotten-potatoes/database"' in policy
    assert "site" not in policy
    assert set(policy.split("capabilities = ")[1].split()[0]) == set('["read"]')


def test_secrets_are_long_random_and_never_printed(configured):
    api, _, _, (_, output), _ = configured
    password = api.kept["/v1/secret/data/rotten-potatoes/database"]["data"]["password"]
    key = api.kept["/v1/secret/data/rotten-potatoes/site"]["data"]["secret_key"]
    assert len(password) == len(key) == 50
    assert password != key
    assert password not in output
    assert Vault.TOKEN not in output


def test_a_second_run_changes_nothing_in_vault(configured):
    *_, second_calls, (rc, output), (rc_second, output_second) = configured
    assert (rc, rc_second) == (0, 0), output + output_second
    assert playbooks.n_changed(output) == 10
    assert playbooks.n_changed(output_second) == 0
    assert {call.method for call in second_calls} == {"GET"}


@pytest.mark.parametrize(("health", "word"), [(501, "not initialised"), (503, "sealed")])
def test_a_sealed_vault_is_reported_in_one_sentence(tmp_path, here, health, word):
    with recording(Vault(health)) as server:
        rc, output = vault(tmp_path, here, server)
    assert rc != 0
    assert f"is {word}" in " ".join(output.split())
    assert {call.path.split("?")[0] for call in server.calls} == {"/v1/sys/health"}


def kibana(tmp_path, here, server):
    playbook = tmp_path / "kibana.yml"
    tasks = [{"name": "Fill it", "ansible.builtin.import_role": IMPORT}]
    playbook.write_text(
        json.dumps([{"name": "Try it", "hosts": "all", "gather_facts": False, "tasks": tasks}])
    )
    variables = {
        "logging_kibana_url": server.url,
        "logging_manifests": str(tmp_path / "manifests"),
        "logging_home": str(tmp_path / "home"),
        "logging_delay_s": 0,
        "logging_retries": 3,
    }
    return playbooks.run(playbook, here, **variables)


IMPORT = {"name": "logging", "tasks_from": "kibana"}


@pytest.fixture
def saved_objects(tmp_path):
    path = tmp_path / "manifests" / "kibana" / "site.ndjson"
    path.parent.mkdir(parents=True)
    (tmp_path / "home").mkdir()
    path.write_text("".join(json.dumps(each, ensure_ascii=False) + "\n" for each in OBJECTS))
    return path


def test_the_objects_are_imported_once_kibana_is_available(tmp_path, here, saved_objects):
    api = Kibana()
    with recording(api) as server:
        rc, output = kibana(tmp_path, here, server)
    assert rc == 0, output
    assert api.objects == {each["id"]: each for each in OBJECTS}
    assert api.n_status == 2
    assert api.n_imports == 2
    imports = [call for call in server.calls if "_import" in call.path]
    assert all("overwrite=true" in call.path for call in imports)
    assert all("multipart/form-data" in call.headers["Content-Type"] for call in imports)


def test_a_second_run_imports_only_missing_or_changed_objects(tmp_path, here, saved_objects):
    api = Kibana()
    with recording(api) as server:
        kibana(tmp_path, here, server)
        assert playbooks.n_changed(kibana(tmp_path, here, server)[1]) == 0
        n_before = api.n_imports
        api.objects.pop("reviews")
        kibana(tmp_path, here, server)
        assert api.n_imports == n_before + 1
        saved_objects.write_text(saved_objects.read_text().replace("Réviews", "Reviews"))
        kibana(tmp_path, here, server)
    assert api.n_imports == n_before + 2
    assert api.objects["all-reviews"]["attributes"]["title"] == "Reviews"
