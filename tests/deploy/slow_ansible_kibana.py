"""The import of the dashboards by the role logging, into a server that records the calls."""

import json

import pytest

from tests.deploy import playbooks
from tests.deploy.recorder import Kibana, recording

HERE = (
    "localhost ansible_connection=local ansible_python_interpreter='{{ ansible_playbook_python }}'"
)
OBJECTS = [
    {"id": "reviews", "type": "index-pattern", "attributes": {"title": "reviews-*"}},
    {"id": "all-reviews", "type": "dashboard", "attributes": {"title": "Réviews"}},
]


@pytest.fixture
def here(tmp_path):
    path = tmp_path / "hosts.ini"
    path.write_text(HERE)
    return str(path)


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
