"""The saved objects of Kibana read only fields that the events have."""

import json
import re

import pytest
from django.conf import settings

from observability.events import COMMON, EVENTS, FIELDS

FOLDER = settings.BASE_DIR / "k8s" / "logging"
OBJECTS = [json.loads(line) for line in (FOLDER / "kibana/objects.ndjson").open()]
# A text field cannot be aggregated.
AGGREGATABLE = {
    "terms": {"keyword", "integer", "boolean"},
    "date_histogram": {"date"},
    "histogram": {"integer", "float"},
    "percentiles": {"integer", "float"},
    "avg": {"integer", "float"},
    "sum": {"integer", "float"},
}


def template_fields(name):
    template = json.loads((FOLDER / "setup" / name).read_text())
    return template["template"]["mappings"]["properties"]


def of_type(*kinds):
    return [saved for saved in OBJECTS if saved["type"] in kinds]


def each(*kinds):
    return pytest.mark.parametrize("saved", of_type(*kinds), ids=lambda saved: saved["id"])


def query_of(saved):
    source = saved["attributes"]["kibanaSavedObjectMeta"]["searchSourceJSON"]
    return json.loads(source)["query"]["query"]


def available_fields(saved):
    """Return the fields of the events that match the object's query."""
    query = query_of(saved)
    if not query:
        return set(template_fields("rejected-template.json"))
    types = re.findall(r"[A-Z][A-Z_]+", query)
    return set(COMMON).union(*(EVENTS[name].fields for name in types))


@each("visualization", "search")
def test_query_of_a_panel_uses_fields_of_its_events(saved):
    assert set(re.findall(r"(\w+):", query_of(saved))) <= available_fields(saved)


@each("visualization")
def test_chart_aggregates_fields_of_its_events_by_a_type_that_allows_it(saved):
    for agg in json.loads(saved["attributes"]["visState"])["aggs"]:
        if agg["type"] != "count":
            field = agg["params"]["field"]
            assert field in available_fields(saved)
            assert FIELDS[field].kind in AGGREGATABLE[agg["type"]]


@each("search")
def test_every_column_of_a_list_is_a_field_of_its_events(saved):
    assert set(saved["attributes"]["columns"]) <= available_fields(saved)


def test_dashboard_control_filters_by_a_field_of_the_catalogue():
    (saved,) = (each for each in OBJECTS if "controlGroupInput" in each["attributes"])
    panels = json.loads(saved["attributes"]["controlGroupInput"]["panelsJSON"])
    fields = {panel["explicitInput"]["fieldName"] for panel in panels.values()}
    assert {FIELDS[field].kind for field in fields} == {"keyword"}


def test_every_reference_points_to_a_saved_object():
    saved_ids = {(saved["type"], saved["id"]) for saved in OBJECTS}
    assert len(saved_ids) == len(OBJECTS)
    for saved in OBJECTS:
        assert {(ref["type"], ref["id"]) for ref in saved["references"]} <= saved_ids


def test_every_panel_is_on_a_dashboard():
    shown = {ref["id"] for saved in of_type("dashboard") for ref in saved["references"]}
    assert {saved["id"] for saved in of_type("visualization", "search")} <= shown


def test_data_views_and_index_templates_match_the_indices_that_logstash_writes():
    pipeline = (FOLDER / "logstash/pipeline.conf").read_text()
    indices = set(re.findall(r'index => "(\w+)-%', pipeline))
    views = {saved["attributes"]["title"] for saved in of_type("index-pattern")}
    assert views == {f"{index}*" for index in indices}
    patterns = set()
    for name in ("index-template.json", "rejected-template.json"):
        patterns.update(json.loads((FOLDER / "setup" / name).read_text())["index_patterns"])
    assert patterns == {f"{index}-*" for index in indices}


def test_index_of_rejected_events_maps_only_fields_that_cannot_fail():
    # Any other mapped field could be rejected a second time.
    fields = template_fields("rejected-template.json")
    assert fields.keys() == {"@timestamp", "rejected_because", "tags"}
