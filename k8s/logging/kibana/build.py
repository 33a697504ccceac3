"""Write objects.ndjson, Kibana's saved objects: python build.py > objects.ndjson"""

import json

from panels import CHARTS, CONTROLS, DASHBOARDS, LISTS

VIEWS = {"rotten_potatoes_logs": "Rotten Potatoes", "rotten_potatoes_rejected": "Rejected events"}
LOGS, REJECTED = VIEWS
WIDTH, HEIGHT = 48, 12  # Kibana's grid has 48 columns
INDEX_REF = "kibanaSavedObjectMeta.searchSourceJSON.index"
# The shapes below are those of these versions; a newer Kibana brings them up to date itself.
SHAPES = {
    "index-pattern": "8.0.0",
    "search": "8.0.0",
    "visualization": "8.5.0",
    "dashboard": "8.9.0",
}


def saved(kind, name, attributes, references=()):
    return {
        "type": kind,
        "id": name,
        "attributes": attributes,
        "references": list(references),
        "coreMigrationVersion": "8.8.0",
        "typeMigrationVersion": SHAPES[kind],
    }


def reference(name, kind, to):
    return {"name": name, "type": kind, "id": to}


def source(query, **more):
    told = {"query": {"language": "kuery", "query": query}, "filter": [], **more}
    return {"searchSourceJSON": json.dumps(told)}


def data_view(index, name):
    attributes = {"title": f"{index}*", "name": name, "timeFieldName": "@timestamp"}
    # It may be there before the first event is.
    return saved("index-pattern", index, attributes | {"allowNoIndex": True, "fields": "[]"})


def visualization(name, title, query, state):
    attributes = {
        "title": title,
        "description": "",
        "version": 1,
        "visState": json.dumps({"title": title, **state}),
        "uiStateJSON": "{}",
        "kibanaSavedObjectMeta": source(query, indexRefName=INDEX_REF),
    }
    references = [reference(INDEX_REF, "index-pattern", LOGS)]
    return saved("visualization", f"rotten-potatoes-{name}", attributes, references)


def search(name, title, query, columns):
    attributes = {
        "title": title,
        "description": "",
        "columns": columns,
        "sort": [["@timestamp", "desc"]],
        "grid": {},
        "hideChart": True,
        "isTextBasedQuery": False,
        "kibanaSavedObjectMeta": source(query, indexRefName=INDEX_REF),
    }
    references = [reference(INDEX_REF, "index-pattern", REJECTED if name == "rejected" else LOGS)]
    return saved("search", f"rotten-potatoes-{name}", attributes, references)


def panels(rows):
    """Panels, and the objects that they show."""
    for y, row in enumerate(rows):
        width = WIDTH // len(row)
        for x, name in enumerate(row):
            kind = "search" if name in LISTS else "visualization"
            grid = {"x": x * width, "y": y * HEIGHT, "w": width, "h": HEIGHT, "i": name}
            panel = {"type": kind, "panelIndex": name, "gridData": grid}
            panel |= {"panelRefName": f"panel_{name}", "embeddableConfig": {"enhancements": {}}}
            yield panel, reference(f"{name}:panel_{name}", kind, f"rotten-potatoes-{name}")


def control(title, field):
    """A control group of one, and the data view that it takes its values from."""
    settings = ("ignoreFilters", "ignoreQuery", "ignoreTimerange", "ignoreValidations")
    given = {"id": field, "fieldName": field, "title": title, "selectedOptions": []}
    one = {"type": "optionsListControl", "order": 0, "grow": True, "width": "large"}
    one |= {"explicitInput": given | {"searchTechnique": "prefix", "enhancements": {}}}
    group = {
        "controlStyle": "oneLine",
        "chainingSystem": "HIERARCHICAL",
        "ignoreParentSettingsJSON": json.dumps(dict.fromkeys(settings, False)),
        "panelsJSON": json.dumps({field: one}),
    }
    name = f"controlGroup_{field}:optionsListDataView"
    return {"controlGroupInput": group}, reference(name, "index-pattern", LOGS)


def dashboard(name, title, since, rows):
    shown, references = zip(*panels(rows), strict=True)
    group, more = control(*CONTROLS[name]) if name in CONTROLS else ({}, None)
    options = {"useMargins": True, "syncColors": False, "syncCursor": True}
    attributes = {
        "title": title,
        "description": "",
        "version": 1,
        "panelsJSON": json.dumps(shown),
        "optionsJSON": json.dumps(options | {"syncTooltips": False, "hidePanelTitles": False}),
        "timeRestore": True,
        "timeFrom": since,
        "timeTo": "now",
        "kibanaSavedObjectMeta": source(""),
        **group,
    }
    return saved("dashboard", name, attributes, [*references, *([more] if more else [])])


def objects():
    yield from (data_view(*view) for view in VIEWS.items())
    yield from (visualization(name, *told) for name, told in CHARTS.items())
    yield from (search(name, *told) for name, told in LISTS.items())
    yield from (dashboard(name, *told) for name, told in DASHBOARDS.items())


if __name__ == "__main__":
    for thing in objects():
        print(json.dumps(thing, sort_keys=True))  # noqa: T201
