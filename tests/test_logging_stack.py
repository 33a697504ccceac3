"""The log stack's files fit the events that the site tells, and one another."""

import http.server
import json
import os
import re
import subprocess
import sys
import threading

import kubernetes_validate
import pytest
import yaml
from django.conf import settings

from rottenpotatoes.events import COMMON, EVENTS, FIELDS

FOLDER = settings.BASE_DIR / "k8s" / "logging"
MONITORING = settings.BASE_DIR / "k8s" / "monitoring"


def saved_objects():
    return [json.loads(line) for line in (FOLDER / "kibana/objects.ndjson").open()]


def state_of(thing):
    return json.loads(thing["attributes"].get("visState", "{}"))


def query_of(thing):
    source = thing["attributes"]["kibanaSavedObjectMeta"]["searchSourceJSON"]
    return json.loads(source)["query"]["query"]


def visualizations():
    return [thing for thing in saved_objects() if thing["type"] == "visualization"]


@pytest.mark.parametrize("thing", visualizations(), ids=lambda thing: thing["id"])
def test_every_field_of_a_panel_is_one_that_its_events_have(thing):
    names = re.findall(r"[A-Z][A-Z_]+", query_of(thing))
    assert names
    has = set(COMMON).union(*(EVENTS[name].fields for name in names))
    used = {agg["params"]["field"] for agg in state_of(thing)["aggs"] if "field" in agg["params"]}
    used |= {
        agg["params"]["sortField"]
        for agg in state_of(thing)["aggs"]
        if "sortField" in agg["params"]
    }
    used |= set(re.findall(r"(\w+):", query_of(thing)))
    assert used <= has


@pytest.mark.parametrize("thing", visualizations(), ids=lambda thing: thing["id"])
def test_a_panel_groups_by_whole_values_and_counts_with_numbers(thing):
    for agg in state_of(thing)["aggs"]:
        kind = FIELDS[agg["params"]["field"]].kind if "field" in agg["params"] else None
        if agg["type"] == "terms":
            assert kind != "text"
        if agg["type"] in ("percentiles", "histogram"):
            assert kind in ("integer", "float")


def test_the_dashboard_shows_every_panel_and_they_do_not_overlap():
    [dashboard] = [thing for thing in saved_objects() if thing["type"] == "dashboard"]
    shown = {reference["id"] for reference in dashboard["references"]}
    assert shown == {thing["id"] for thing in visualizations()}
    places = [p["gridData"] for p in json.loads(dashboard["attributes"]["panelsJSON"])]
    assert len({(place["x"], place["y"]) for place in places}) == len(shown)


def test_the_data_view_is_that_of_the_index_and_its_time():
    [view] = [thing for thing in saved_objects() if thing["type"] == "index-pattern"]
    assert view["attributes"]["title"] == "rotten_potatoes_logs*"
    assert view["attributes"]["timeFieldName"] == "@timestamp"
    for thing in visualizations():
        assert [reference["id"] for reference in thing["references"]] == [view["id"]]


@pytest.mark.parametrize(
    ("script", "written"),
    [
        ("kibana/build.py", "kibana/objects.ndjson"),
        ("setup/build_template.py", "setup/index-template.json"),
    ],
)
def test_what_a_script_writes_is_what_is_committed(script, written):
    made = subprocess.run(
        [sys.executable, str(FOLDER / script)], capture_output=True, text=True, check=True
    )
    assert made.stdout == (FOLDER / written).read_text(), f"k8s/logging/{script}"


def test_the_pipeline_writes_the_daily_index_by_the_events_id():
    pipeline = (FOLDER / "logstash/pipeline.conf").read_text()
    assert 'index => "rotten_potatoes_logs-%{+YYYY.MM.dd}"' in pipeline
    assert 'document_id => "%{event_id}"' in pipeline
    assert "codec => json_lines" in pipeline
    converted = dict(re.findall(r'"(\w+)" => "(integer|float)"', pipeline))
    assert converted
    assert converted == {name: FIELDS[name].kind for name in converted}


def documents(folder):
    for path in sorted(folder.glob("*.yaml")):
        for document in yaml.safe_load_all(path.read_text()):
            yield path.name, document


KUBERNETES = [(n, d) for n, d in documents(FOLDER) if "kustomize" not in d["apiVersion"]]


@pytest.mark.parametrize(("name", "thing"), KUBERNETES, ids=[name for name, _ in KUBERNETES])
def test_every_object_is_one_of_the_newest_kubernetes(name, thing):
    kubernetes_validate.validate(thing, kubernetes_validate.latest_version(), strict=True)


def test_every_file_is_applied():
    listed = yaml.safe_load((FOLDER / "kustomization.yaml").read_text())
    assert {name for name, _ in KUBERNETES} == set(listed["resources"])
    for generator in listed["configMapGenerator"]:
        for file in generator["files"]:
            assert (FOLDER / file.split("=")[-1]).exists()


def test_kibana_and_elasticsearch_are_where_and_as_large_as_they_should_be():
    things = {(d["kind"], d["metadata"]["name"]): d for _, d in KUBERNETES}
    assert things["Service", "kibana"]["spec"]["ports"][0]["nodePort"] == 30002
    assert things["Ingress", "kibana"]["spec"]["rules"][0]["host"] == "kibana.com"
    [node] = things["StatefulSet", "elasticsearch"]["spec"]["template"]["spec"]["containers"]
    values = {variable["name"]: variable["value"] for variable in node["env"]}
    assert values["ES_JAVA_OPTS"] == "-Xms512m -Xmx512m"
    assert values["discovery.type"] == "single-node"
    assert node["resources"]["limits"]["memory"]


def test_both_forms_of_the_alert_rules_say_the_same():
    plain = yaml.safe_load((MONITORING / "rules.yml").read_text())
    wrapped = yaml.safe_load((MONITORING / "prometheus-rule.yaml").read_text())
    assert wrapped["spec"] == plain


class StandIn(http.server.BaseHTTPRequestHandler):
    """Elasticsearch and Kibana as they start: the first answer to each address is 503."""

    def do_PUT(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        is_first = self.path not in self.server.seen
        self.server.seen.setdefault(self.path, []).append((self.headers.get("kbn-xsrf"), body))
        answer = b"{}" if is_first else self.server.answer
        self.send_response(503 if is_first else 200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_POST = do_PUT  # noqa: N815

    def log_message(self, *args):
        pass


@pytest.fixture
def stand_in():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), StandIn)
    server.seen, server.answer = {}, b'{"success":true}'
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def set_up(server, folder):
    for name in ("setup/setup.sh", "setup/index-template.json", "setup/retention.json"):
        (folder / name.split("/")[1]).write_text((FOLDER / name).read_text())
    (folder / "objects.ndjson").write_text((FOLDER / "kibana/objects.ndjson").read_text())
    address = f"http://127.0.0.1:{server.server_port}"
    environment = os.environ | {
        "ELASTICSEARCH": address,
        "KIBANA": address,
        "RETRIES": "3",
        "DELAY": "0",
        "no_proxy": "*",
    }
    return subprocess.run(["sh", str(folder / "setup.sh")], env=environment, check=False).returncode


def test_the_set_up_waits_for_both_and_may_run_again(stand_in, tmp_path):
    assert set_up(stand_in, tmp_path) == 0
    assert set_up(stand_in, tmp_path) == 0
    assert list(stand_in.seen) == [
        "/_ilm/policy/rotten_potatoes_logs",
        "/_index_template/rotten_potatoes_logs",
        "/api/saved_objects/_import?overwrite=true",
    ]
    header, body = stand_in.seen["/api/saved_objects/_import?overwrite=true"][-1]
    assert header
    assert b"index-pattern" in body


def test_what_kibana_could_not_import_fails_the_set_up(stand_in, tmp_path):
    stand_in.answer = b'{"success":false}'
    assert set_up(stand_in, tmp_path) != 0
