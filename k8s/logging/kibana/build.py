"""Write objects.ndjson, Kibana's saved objects: python build.py > objects.ndjson"""

import json

INDEX = "rotten_potatoes_logs"
DASHBOARD = "rotten-potatoes"
WIDTH, HEIGHT = 24, 12  # two beside each other; Kibana's grid has 48 columns

NAMES = {"count": "events", "date": "time"}


def count():
    return {"id": "1", "enabled": True, "type": "count", "schema": "metric", "params": {}}


def percentiles(field):
    params = {"field": field, "percents": [50, 95, 99]}
    return {"id": "1", "enabled": True, "type": "percentiles", "schema": "metric", "params": params}


def over_time():
    params = {"field": "@timestamp", "interval": "auto", "min_doc_count": 0}
    params |= {"useNormalizedEsInterval": True, "extended_bounds": {}, "drop_partials": False}
    return {
        "id": "2", "enabled": True, "type": "date_histogram", "schema": "segment", "params": params,
    }  # fmt: skip


def terms(field, schema, number="3", size=10):
    params = {"field": field, "size": size, "order": "desc", "orderBy": "_key"}
    return {"id": number, "enabled": True, "type": "terms", "schema": schema, "params": params}


def steps(field, interval):
    params = {"field": field, "interval": interval, "min_doc_count": 1, "extended_bounds": {}}
    return {"id": "2", "enabled": True, "type": "histogram", "schema": "segment", "params": params}


AXES = {
    "categoryAxes": [
        {"id": "CategoryAxis-1", "type": "category", "position": "bottom", "show": True}
    ],
    "valueAxes": [{"id": "ValueAxis-1", "name": "LeftAxis-1", "type": "value", "position": "left"}],
}


def chart(kind, *aggs, mode="stacked"):
    series = {"show": True, "type": kind, "mode": mode, "valueAxis": "ValueAxis-1"}
    series |= {"data": {"id": "1", "label": "Count"}}
    params = {"type": kind, "addTooltip": True, "addLegend": True, "seriesParams": [series], **AXES}
    return {"type": kind, "aggs": list(aggs), "params": params}


def pie(*aggs):
    params = {"type": "pie", "isDonut": True, "addTooltip": True, "addLegend": True}
    return {"type": "pie", "aggs": list(aggs), "params": params}


def table(*aggs):
    return {"type": "table", "aggs": list(aggs), "params": {"perPage": 10, "showTotal": False}}


READ = "event_type: PREDICTION"
SUBMITTED = "event_type: REVIEW_SUBMITTED"
FILM = f"({SUBMITTED} or event_type: REVIEW_EDITED or event_type: LABEL_CORRECTED)"

PANELS = {
    "traffic": (
        "Traffic over time, by status",
        "event_type: REQUEST",
        chart("histogram", count(), over_time(), terms("status", "group")),
    ),
    "sentiment": (
        "Reviews by sentiment",
        SUBMITTED,
        pie(count(), terms("sentiment", "segment")),
    ),
    "sentiment-by-film": (
        "Sentiment by film",
        SUBMITTED,
        chart(
            "horizontal_bar",
            count(),
            terms("movie_title", "segment", "2", size=20),
            terms("sentiment", "group"),
        ),
    ),
    "freshness": (
        "What moved a film's freshness (filter by movie_title)",
        FILM,
        table(
            {
                "id": "1", "enabled": True, "type": "top_hits", "schema": "metric",
                "params": {
                    "field": "freshness", "aggregate": "concat", "size": 1,
                    "sortField": "@timestamp", "sortOrder": "desc",
                },
            },
            over_time() | {"schema": "bucket"},
            terms("movie_title", "bucket", "3"),
            terms("event_type", "bucket", "4"),
        ),
    ),
    "confidence": (
        "Confidence of the readings",
        READ,
        chart("histogram", count(), steps("confidence", 0.05), terms("sentiment", "group")),
    ),
    "latency": (
        "Latency: half, 95 % and 99 % of the requests are quicker",
        "event_type: REQUEST",
        chart("line", percentiles("latency_ms"), over_time(), mode="normal"),
    ),
    "latency-by-route": (
        "Latency by route",
        "event_type: REQUEST",
        table(percentiles("latency_ms"), terms("path", "bucket", size=20)),
    ),
    "model-version": (
        "Model version that read, over time",
        READ,
        chart("area", count(), over_time(), terms("model_version", "group")),
    ),
    "trainings": (
        "Trainings, gate, promotions",
        "event_type: (TRAINING or GATE or PROMOTION or ROLLBACK or RESCORE)",
        table(
            count(),
            over_time() | {"schema": "bucket"},
            terms("event_type", "bucket", "3"),
            terms("model_version", "bucket", "4"),
        ),
    ),
    "gate": (
        "What the gate decided",
        "event_type: GATE",
        table(
            count(),
            terms("model_version", "bucket", "2"),
            terms("passed", "bucket", "3"),
            terms("refusals", "bucket", "4"),
        ),
    ),
    "trouble": (
        "Errors, refused models, limits, failed logins",
        "event_type: (ERROR or MODEL_REFUSED or RATE_LIMITED or LOGIN_FAILED)",
        chart("histogram", count(), over_time(), terms("event_type", "group")),
    ),
    "errors": (
        "Errors by kind",
        "event_type: ERROR",
        table(count(), terms("error_type", "bucket", "2"), terms("path", "bucket", "3")),
    ),
}  # fmt: skip


def data_view():
    attributes = {"title": f"{INDEX}*", "name": "Rotten Potatoes", "timeFieldName": "@timestamp"}
    return {"id": INDEX, "type": "index-pattern", "attributes": attributes, "references": []}


def visualization(name, title, query, state):
    source = {"query": {"language": "kuery", "query": query}, "filter": []}
    source |= {"indexRefName": "kibanaSavedObjectMeta.searchSourceJSON.index"}
    return {
        "id": f"{DASHBOARD}-{name}",
        "type": "visualization",
        "attributes": {
            "title": title,
            "visState": json.dumps({"title": title, **state}),
            "uiStateJSON": "{}",
            "kibanaSavedObjectMeta": {"searchSourceJSON": json.dumps(source)},
        },
        "references": [
            {
                "name": "kibanaSavedObjectMeta.searchSourceJSON.index",
                "type": "index-pattern",
                "id": INDEX,
            }
        ],
    }


def dashboard():
    panels, references = [], []
    for number, name in enumerate(PANELS):
        key = f"panel_{number}"
        row, column = divmod(number, 2)
        grid = {"x": column * WIDTH, "y": row * HEIGHT, "w": WIDTH, "h": HEIGHT, "i": str(number)}
        panels.append(
            {
                "panelIndex": str(number),
                "gridData": grid,
                "panelRefName": key,
                "embeddableConfig": {},
            }
        )
        references.append({"name": key, "type": "visualization", "id": f"{DASHBOARD}-{name}"})
    source = {"query": {"language": "kuery", "query": ""}, "filter": []}
    return {
        "id": DASHBOARD,
        "type": "dashboard",
        "attributes": {
            "title": "Rotten Potatoes",
            "panelsJSON": json.dumps(panels),
            "optionsJSON": json.dumps({"useMargins": True, "hidePanelTitles": False}),
            "timeRestore": True,
            "timeFrom": "now-24h",
            "timeTo": "now",
            "kibanaSavedObjectMeta": {"searchSourceJSON": json.dumps(source)},
        },
        "references": references,
    }


def objects():
    yield data_view()
    for name, panel in PANELS.items():
        yield visualization(name, *panel)
    yield dashboard()


if __name__ == "__main__":
    for thing in objects():
        print(json.dumps(thing, sort_keys=True))  # noqa: T201
