"""Kibana 8.17's aggregation-based charts, whole: renderers read what they have no defaults for.

Read off its sources (src/plugins/vis_types: xy, pie, table) and off exports of its own.
"""


def aggregation(number, kind, schema, **params):
    return {
        "id": number,
        "enabled": True,
        "type": kind,
        "schema": schema,
        "params": params,
    }


def count():
    return aggregation("1", "count", "metric", emptyAsNull=False, customLabel="events")


def total(field):
    return aggregation("1", "sum", "metric", field=field, emptyAsNull=False)


def average(field):
    return aggregation("1", "avg", "metric", field=field, emptyAsNull=False)


def percentiles(field):
    return aggregation("1", "percentiles", "metric", field=field, percents=[50, 95, 99])


def over_time():
    return aggregation(
        "2", "date_histogram", "segment", field="@timestamp", interval="auto",
        useNormalizedEsInterval=True, scaleMetricValues=False, drop_partials=False,
        min_doc_count=1, extended_bounds={},
    )  # fmt: skip


def steps(field, interval):
    return aggregation(
        "2", "histogram", "segment", field=field, interval=interval, min_doc_count=False,
        has_extended_bounds=False, extended_bounds={"min": "", "max": ""},
    )  # fmt: skip


def terms(field, schema, number="3", size=10, by="1", missing=False):
    """The values with the most of metric ``by``. ``missing`` counts events that lack a keyword."""
    return aggregation(
        number, "terms", schema, field=field, size=size, order="desc", orderBy=by,
        otherBucket=False, otherBucketLabel="Other",
        missingBucket=missing, missingBucketLabel="(none)",
    )  # fmt: skip


def axis(kind, position, title, *, rotate=0):
    made = {
        "id": f"{kind.capitalize()}Axis-1",
        "type": kind,
        "position": position,
        "show": True,
        "style": {},
        "scale": {"type": "linear", "mode": "normal"},
        "labels": {"show": True, "filter": True, "truncate": 100, "rotate": rotate},
        "title": {"text": title} if title else {},
    }
    return made | ({"name": "LeftAxis-1"} if kind == "value" else {})


def chart(name, *aggregations, title="events", mode="stacked"):
    """``name``: histogram, horizontal_bar, line or area."""
    # A horizontal bar is a histogram whose categories stand on the left.
    kind = "histogram" if name == "horizontal_bar" else name
    category, value = ("left", "bottom") if name == "horizontal_bar" else ("bottom", "left")
    series = {
        "show": True,
        "type": kind,
        "mode": mode,
        "data": {"id": "1", "label": title},
        "valueAxis": "ValueAxis-1",
        "drawLinesBetweenPoints": True,
        "lineWidth": 2,
        "showCircles": True,
        "circlesRadius": 3,
        "interpolate": "linear",
    }
    params = {
        "type": kind,
        "grid": {"categoryLines": False},
        "categoryAxes": [axis("category", category, "")],
        "valueAxes": [axis("value", value, title)],
        "seriesParams": [series],
        "addTooltip": True,
        "detailedTooltip": True,
        "addLegend": True,
        "legendPosition": "right",
        "truncateLegend": True,
        "maxLegendLines": 1,
        "times": [],
        "addTimeMarker": False,
        "orderBucketsBySum": False,
        "radiusRatio": 0,
        "fillOpacity": 0.5,
        "labels": {"show": False},
        "palette": {"type": "palette", "name": "default"},
        "thresholdLine": {
            "show": False, "value": 10, "width": 1, "style": "full", "color": "#E7664C",
        },
    }  # fmt: skip
    return {"type": name, "aggs": list(aggregations), "params": params}


def pie(*aggregations):
    params = {
        "type": "pie",
        "addTooltip": True,
        "legendDisplay": "show",
        "legendPosition": "right",
        "nestedLegend": False,
        "truncateLegend": True,
        "maxLegendLines": 1,
        "distinctColors": False,
        "isDonut": True,
        "emptySizeRatio": 0.3,
        "palette": {"type": "palette", "name": "default"},
        "labels": {
            "show": True, "last_level": True, "values": True, "valuesFormat": "percent",
            "percentDecimals": 1, "truncate": 100, "position": "default",
        },
    }  # fmt: skip
    return {"type": "pie", "aggs": list(aggregations), "params": params}


def table(*aggregations):
    params = {
        "perPage": 10,
        "showPartialRows": False,
        "showMetricsAtAllLevels": False,
        "showTotal": False,
        "showToolbar": False,
        "totalFunc": "sum",
        "percentageCol": "",
        "autoFitRowToContent": False,
    }
    return {"type": "table", "aggs": list(aggregations), "params": params}
