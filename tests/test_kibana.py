"""Kibana's saved objects have the shape that its renderers read, and fields that the events have.

What Kibana 8.17 reads without a default is listed here, from its src/plugins/vis_types.
"""

import json
import re
import subprocess
import sys
from collections import Counter

import pytest
from django.conf import settings

from observability.events import COMMON, EVENTS, FIELDS

FOLDER = settings.BASE_DIR / "k8s" / "logging"
OBJECTS = [json.loads(line) for line in (FOLDER / "kibana/objects.ndjson").open()]
TEMPLATE = json.loads((FOLDER / "setup/rejected-template.json").read_text())
REJECTED = TEMPLATE["template"]["mappings"]["properties"]


def of_type(*kinds):
    return [thing for thing in OBJECTS if thing["type"] in kinds]


def each(*kinds):
    return pytest.mark.parametrize("thing", of_type(*kinds), ids=lambda thing: thing["id"])


def state_of(thing):
    return json.loads(thing["attributes"]["visState"])


def source_of(thing):
    return json.loads(thing["attributes"]["kibanaSavedObjectMeta"]["searchSourceJSON"])


def fields_there(thing):
    """Of the events that this chart or list is about."""
    query = source_of(thing)["query"]["query"]
    if not query:
        return set(REJECTED)
    names = re.findall(r"[A-Z][A-Z_]+", query)
    assert names
    has = set(COMMON).union(*(EVENTS[name].fields for name in names))
    asked = set(re.findall(r"(\w+):", query))
    assert "event_type" in asked
    assert asked <= has
    return has


CHARTS = [thing for thing in of_type("visualization") if "Axes" in thing["attributes"]["visState"]]
charts = pytest.mark.parametrize("thing", CHARTS, ids=lambda thing: thing["id"])


def test_every_object_says_which_version_of_kibana_its_shape_is_of():
    # Without one Kibana runs each migration since 5.0 over what was never so old.
    for thing in OBJECTS:
        assert thing["coreMigrationVersion"] == "8.8.0"
        assert re.fullmatch(r"8\.\d\.0", thing["typeMigrationVersion"])


def test_every_reference_leads_to_an_object_and_every_object_has_one_name():
    names = Counter((thing["type"], thing["id"]) for thing in OBJECTS)
    assert set(names.values()) == {1}
    for thing in OBJECTS:
        for reference in thing["references"]:
            assert (reference["type"], reference["id"]) in names


@each("visualization", "search")
def test_a_panel_reads_from_a_data_view(thing):
    (reference,) = thing["references"]
    assert reference["type"] == "index-pattern"
    assert reference["name"] == source_of(thing)["indexRefName"]


@each("visualization")
def test_every_field_of_a_chart_is_one_that_its_events_have(thing):
    used = {agg["params"]["field"] for agg in state_of(thing)["aggs"] if "field" in agg["params"]}
    assert used <= fields_there(thing)


@each("search")
def test_every_column_of_a_list_is_a_field_of_its_events(thing):
    assert thing["attributes"]["columns"]
    assert set(thing["attributes"]["columns"]) <= fields_there(thing)
    assert thing["attributes"]["sort"] == [["@timestamp", "desc"]]


# What Elasticsearch can aggregate so; a text it cannot aggregate at all.
AGGREGATABLE = {
    "terms": {"keyword", "integer", "boolean"},
    "date_histogram": {"date"},
    "histogram": {"integer", "float"},
    "percentiles": {"integer", "float"},
    "avg": {"integer", "float"},
    "sum": {"integer", "float"},
}
SCHEMAS = {"pie": {"metric", "segment"}, "table": {"metric", "bucket"}}


@each("visualization")
def test_a_chart_aggregates_what_can_be_aggregated_so(thing):
    state = state_of(thing)
    for agg in state["aggs"]:
        assert agg["enabled"] is True
        assert agg["schema"] in SCHEMAS.get(state["type"], {"metric", "segment", "group"})
        if agg["type"] != "count":
            assert FIELDS[agg["params"]["field"]].kind in AGGREGATABLE[agg["type"]]
        if agg["params"].get("missingBucket"):
            assert FIELDS[agg["params"]["field"]].kind == "keyword"
    assert len({agg["id"] for agg in state["aggs"]}) == len(state["aggs"])


@each("visualization")
def test_values_are_ordered_by_a_metric_that_is_there(thing):
    aggs = state_of(thing)["aggs"]
    metrics = {
        agg["id"] for agg in aggs if agg["schema"] == "metric" and agg["type"] != "percentiles"
    }
    # Percentiles are several metrics: 1.50, 1.95 ...
    metrics |= {
        f"{agg['id']}.{percent}" for agg in aggs for percent in agg["params"].get("percents", [])
    }
    assert metrics
    for agg in aggs:
        if agg["type"] == "terms":
            assert agg["params"]["orderBy"] in metrics
            assert agg["params"]["order"] == "desc"


@charts
def test_every_axis_is_whole(thing):
    params = state_of(thing)["params"]
    for axis in params["categoryAxes"] + params["valueAxes"]:
        assert axis["type"] in ("category", "value")
        assert axis["show"] is True
        assert axis["style"] == {}
        assert axis["scale"] == {"type": "linear", "mode": "normal"}
        assert isinstance(axis["title"], dict)
        labels = axis["labels"]
        assert (labels["show"], type(labels["truncate"])) == (True, int)
        assert {"rotate", "filter"} <= labels.keys()
    assert all(axis["name"] for axis in params["valueAxes"])


@charts
def test_categories_and_values_stand_where_the_kind_of_chart_wants_them(thing):
    state = state_of(thing)
    positions = [
        axis["position"] for axes in ("categoryAxes", "valueAxes") for axis in state["params"][axes]
    ]
    is_horizontal = state["type"] == "horizontal_bar"
    assert positions == (["left", "bottom"] if is_horizontal else ["bottom", "left"])


@charts
def test_every_series_is_of_a_kind_that_there_is_and_has_its_axis_and_metric(thing):
    state = state_of(thing)
    params = state["params"]
    drawn = "histogram" if state["type"] == "horizontal_bar" else state["type"]
    assert state["type"] in ("histogram", "horizontal_bar", "line", "area")
    assert params["type"] == drawn
    axes = {axis["id"] for axis in params["valueAxes"]}
    metrics = {agg["id"] for agg in state["aggs"] if agg["schema"] == "metric"}
    for series in params["seriesParams"]:
        assert series["type"] == drawn  # there is no series of the type horizontal_bar
        assert series["mode"] in ("stacked", "normal")
        assert series["valueAxis"] in axes
        assert series["data"]["id"] in metrics
        assert series["data"]["label"]
        assert series["show"] is True
        assert {
            "drawLinesBetweenPoints",
            "lineWidth",
            "showCircles",
            "circlesRadius",
        } <= series.keys()
    assert {series["data"]["id"] for series in params["seriesParams"]} == metrics


@charts
def test_what_the_renderer_of_charts_reads_is_there(thing):
    params = state_of(thing)["params"]
    assert params["grid"]["categoryLines"] is False
    assert params["times"] == []
    assert params["palette"] == {"type": "palette", "name": "default"}
    assert params["labels"] == {"show": False}
    assert params["thresholdLine"].keys() == {"show", "value", "width", "style", "color"}
    assert {"addTooltip", "addLegend", "legendPosition", "addTimeMarker"} <= params.keys()
    assert {"truncateLegend", "maxLegendLines", "radiusRatio", "detailedTooltip"} <= params.keys()


def test_a_pie_and_a_table_are_whole():
    states = {thing["id"]: state_of(thing) for thing in of_type("visualization")}
    pies = [state["params"] for state in states.values() if state["type"] == "pie"]
    tables = [state["params"] for state in states.values() if state["type"] == "table"]
    assert len(pies) + len(tables) + len(CHARTS) == len(states)
    for params in pies:
        assert {"show", "last_level", "values", "truncate"} <= params["labels"].keys()
        assert params["palette"]["name"]
        assert {"legendDisplay", "legendPosition", "isDonut", "distinctColors"} <= params.keys()
    for params in tables:
        assert {"perPage", "showPartialRows", "showMetricsAtAllLevels"} <= params.keys()
        assert {"showTotal", "totalFunc", "percentageCol"} <= params.keys()


@each("dashboard")
def test_a_dashboard_shows_its_panels_side_by_side(thing):
    panels = json.loads(thing["attributes"]["panelsJSON"])
    kinds = {ref["name"]: ref["type"] for ref in thing["references"]}
    covered = Counter()
    for panel in panels:
        assert kinds[f"{panel['panelIndex']}:{panel['panelRefName']}"] == panel["type"]
        grid = panel["gridData"]
        assert grid["i"] == panel["panelIndex"]
        covered.update(
            (x, y)
            for x in range(grid["x"], grid["x"] + grid["w"])
            for y in range(grid["y"], grid["y"] + grid["h"])
        )
    assert set(covered.values()) == {1}
    assert max(x for x, _ in covered) == 47


def test_every_panel_is_on_a_dashboard():
    shown = {ref["id"] for thing in of_type("dashboard") for ref in thing["references"]}
    assert {thing["id"] for thing in of_type("visualization", "search")} <= shown


def test_a_film_can_be_chosen_where_its_freshness_is_shown():
    (thing,) = (each for each in of_type("dashboard") if "controlGroupInput" in each["attributes"])
    group = thing["attributes"]["controlGroupInput"]
    ((name, control),) = json.loads(group["panelsJSON"]).items()
    assert control["type"] == "optionsListControl"
    assert control["explicitInput"]["id"] == name
    assert control["explicitInput"]["fieldName"] == "movie_title"
    assert FIELDS["movie_title"].kind == "keyword"
    view = {"name": f"controlGroup_{name}:optionsListDataView", "type": "index-pattern"}
    assert view | {"id": "rotten_potatoes_logs"} in thing["references"]
    shown = {ref["id"] for ref in thing["references"]}
    assert {"rotten-potatoes-freshness", "rotten-potatoes-freshness-over-time"} <= shown
    for panel in of_type("visualization", "search"):
        if panel["id"] in shown:  # the choice would leave it empty
            assert "movie_title" in fields_there(panel)


def test_the_data_views_are_of_the_indices_that_logstash_writes():
    written = re.findall(r'index => "(\w+)-%', (FOLDER / "logstash/pipeline.conf").read_text())
    views = of_type("index-pattern")
    assert {view["attributes"]["title"] for view in views} == {f"{index}*" for index in written}
    assert {view["attributes"]["timeFieldName"] for view in views} == {"@timestamp"}
    assert "rotten_potatoes_logs*" in {view["attributes"]["title"] for view in views}


def test_what_the_script_writes_is_what_is_committed():
    command = [sys.executable, str(FOLDER / "kibana/build.py")]
    made = subprocess.run(command, capture_output=True, text=True, check=True)
    assert made.stdout == (FOLDER / "kibana/objects.ndjson").read_text()
