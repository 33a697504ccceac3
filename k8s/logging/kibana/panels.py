"""What the dashboards show: charts by name, lists of single events, and what stands where."""

from charts import average, chart, count, over_time, percentiles, pie, steps, table, terms, total

REQUEST = "event_type: REQUEST"
READ = "event_type: PREDICTION"
# One event may be about many texts: those of a command, or of a list.
READ_REVIEWS = f"{READ} and path: (review or score_pending or import_reviews)"
SUBMITTED = "event_type: REVIEW_SUBMITTED"
FILM = "event_type: (REVIEW_SUBMITTED or REVIEW_EDITED or LABEL_CORRECTED)"
TROUBLE = "event_type: (ERROR or MODEL_REFUSED or RATE_LIMITED or LOGIN_FAILED)"

CHARTS = {
    "traffic": (
        "Traffic over time, by status",
        REQUEST,
        chart("histogram", count(), over_time(), terms("status", "group")),
    ),
    "latency": (
        "Latency: half, 95 % and 99 % of the requests are quicker",
        REQUEST,
        chart(
            "line", percentiles("latency_ms"), over_time(), title="milliseconds", mode="normal"
        ),
    ),
    "latency-by-route": (
        "Latency by route",
        REQUEST,
        table(percentiles("latency_ms"), terms("path", "bucket", size=20, by="1.95")),
    ),
    "trouble": (
        "Errors, refused models, limits, failed logins",
        TROUBLE,
        chart("histogram", count(), over_time(), terms("event_type", "group")),
    ),
    "errors": (
        "Errors by kind",
        "event_type: ERROR",
        table(
            count(),
            terms("error_type", "bucket", "2", missing=True),
            terms("path", "bucket", "3", missing=True),
            terms("command", "bucket", "4", missing=True),
        ),
    ),
    "sentiment": (
        "Reviews by sentiment, as they were read",
        READ_REVIEWS,
        pie(total("n_texts"), terms("sentiment", "segment", "2")),
    ),
    "sentiment-by-film": (
        "Sentiment by film",
        SUBMITTED,
        chart(
            "horizontal_bar",
            count(),
            terms("movie_title", "segment", "2", size=20),
            terms("sentiment", "group"),
            title="reviews",
        ),
    ),
    "freshness-over-time": (
        "Freshness over time",
        FILM,
        chart(
            "line", average("freshness"), over_time(), terms("movie_title", "group"),
            title="freshness", mode="normal",
        ),
    ),
    "confidence": (
        "Confidence of the readings",
        READ,
        chart(
            "histogram", count(), steps("confidence", 0.05), terms("sentiment", "group"),
            title="readings",
        ),
    ),
    "model-version": (
        "Model version that read, over time",
        READ,
        chart(
            "area", total("n_texts"), over_time(), terms("model_version", "group"),
            title="readings",
        ),
    ),
}  # fmt: skip

# Title, query, columns: one line for each event, the newest first.
LISTS = {
    "freshness": (
        "What moved a film's freshness",
        FILM,
        ["movie_title", "event_type", "freshness", "verdict", "sentiment", "label_after"],
    ),
    "trainings": (
        "Trainings",
        "event_type: TRAINING",
        ["model_version", "algorithm", "dataset_version", "accuracy", "duration_s"],
    ),
    "gate": (
        "What the gate decided",
        "event_type: GATE",
        ["model_version", "previous_version", "passed", "accuracy", "refusals"],
    ),
    "switches": (
        "Promotions and rollbacks",
        "event_type: (PROMOTION or ROLLBACK)",
        ["event_type", "model_version", "previous_version", "forced"],
    ),
    "models": (
        "Models that processes loaded or refused",
        "event_type: (MODEL_LOADED or MODEL_REFUSED)",
        ["event_type", "model_version", "process", "reason"],
    ),
    # Not of the catalogue: of the index of what was no event, or was refused by Elasticsearch.
    "rejected": ("Rejected events", "", ["rejected_because", "tags"]),
}

# Title, since when, what stands beside what.
DASHBOARDS = {
    "rotten-potatoes": (
        "Rotten Potatoes",
        "now-24h",
        [["traffic", "latency"], ["latency-by-route", "errors"], ["trouble", "rejected"]],
    ),
    "rotten-potatoes-films": (
        "Rotten Potatoes: films",
        "now-30d",
        [["sentiment", "sentiment-by-film"], ["freshness-over-time"], ["freshness"]],
    ),
    "rotten-potatoes-model": (
        "Rotten Potatoes: model",
        "now-30d",
        [["model-version", "confidence"], ["trainings"], ["gate"], ["switches", "models"]],
    ),
}
# A list of values at the top of the dashboard, to choose from: title and field.
CONTROLS = {"rotten-potatoes-films": ("Film", "movie_title")}
