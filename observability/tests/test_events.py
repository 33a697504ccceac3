"""Events are documented, and contain no personal data."""

import ast
import json
import logging

import pytest
from django.conf import settings
from django.core.management import call_command

from observability import events
from observability.logging import JsonFormatter, ReadableFormatter
from observability.management.commands.events import markdown
from reviews.submission import edit_review, settle_label

APPS = ("common", "observability", "movies", "mlmodel", "reviews", "accounts", "seo", "status")


def emitted():
    """Yield every call of ``emit`` in the code."""
    for app in APPS:
        for path in (settings.BASE_DIR / app).rglob("*.py"):
            if "tests" in path.parts:
                continue
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "emit":
                    yield path.name, node


def test_every_event_in_the_code_is_in_the_catalogue():
    calls = list(emitted())
    assert len(calls) > 10
    for path, call in calls:
        [name] = call.args
        assert isinstance(name, ast.Constant), f"{path}:{call.lineno}: not a constant"
        fields = {keyword.arg for keyword in call.keywords if keyword.arg}
        assert fields <= set(events.EVENTS[name.value].fields), f"{path}:{call.lineno}"


def test_every_event_in_the_catalogue_is_emitted_somewhere():
    names = {call.args[0].value for _, call in emitted()}
    assert names | {"ERROR", "LOG"} == set(events.EVENTS)


def test_every_field_is_described_and_every_description_used():
    used = {field for event in events.EVENTS.values() for field in event.fields}
    assert used | set(events.COMMON) == set(events.FIELDS)


def test_page_about_events_matches_the_catalogue():
    page = (settings.BASE_DIR / "docs" / "events.md").read_text()
    assert page.splitlines() == markdown(), "manage.py events > docs/events.md"


def test_index_template_of_elasticsearch_matches_the_catalogue(capsys):
    call_command("events", "--index-template")
    committed = settings.BASE_DIR / "k8s" / "logging" / "setup" / "index-template.json"
    assert capsys.readouterr().out == committed.read_text()


SAMPLES = {"keyword": "word", "text": "some words", "boolean": False, "integer": 7, "float": 0.5}
JSON_TYPES = {
    "date": str,
    "keyword": str,
    "text": str,
    "boolean": bool,
    "integer": int,
    "float": float,
}


@pytest.mark.parametrize("name", sorted(events.EVENTS.keys() - {"LOG", "ERROR"}))
def test_event_leaves_with_the_types_of_the_index_template(logged, name):
    fields = {field: SAMPLES[events.FIELDS[field].kind] for field in events.EVENTS[name].fields}
    events.emit(name, **fields)
    [event] = logged()
    assert event.keys() == {*events.COMMON, *fields}
    for field, value in event.items():
        assert type(value) is JSON_TYPES[events.FIELDS[field].kind], field


@pytest.mark.parametrize("fields", [{"colour": "red"}, {"status": "200"}, {"movie_id": True}])
def test_undocumented_field_or_wrong_type_is_an_error_under_test(fields):
    with pytest.raises(ValueError, match="undocumented fields"):
        events.emit("REQUEST", **fields)


def test_undocumented_field_is_left_out_in_production(settings):
    settings.STRICT_EVENTS = False
    fields = {"status": 200, "text": "my words", "path": 7}
    assert events.validate("REQUEST", fields) == {"status": 200}


def test_event_has_the_common_fields_and_the_request_id(logged):
    with events.bind_request_id("abc-12345"):
        events.emit("LOGIN_FAILED", path="login")
    [event] = logged()
    assert set(events.COMMON) <= set(event)
    assert event["@timestamp"].endswith("Z")
    assert (event["request_id"], event["level"]) == ("abc-12345", "WARNING")


def test_log_record_keeps_its_id_in_all_handlers():
    record = line_of("reviews", "x")
    assert JsonFormatter().format(record) == JsonFormatter().format(record)


def test_events_about_a_review_do_not_contain_its_text(logged, movie, make_review, user):
    review = make_review(movie, "A secretword movie.", author=user, guest_name="")
    edit_review(review=review, text="Rather a bad thirdword movie.")
    review.refresh_from_db()
    settle_label(review=review, human_label="positive", by=user)
    types = [event["event_type"] for event in logged()]
    expected = ["PREDICTION", "REVIEW_SUBMITTED", "PREDICTION", "REVIEW_EDITED", "LABEL_CORRECTED"]
    assert types == expected
    everything = json.dumps(logged())
    assert "secretword" not in everything
    assert "thirdword" not in everything
    assert user.username not in everything


def test_event_about_a_review_has_movie_label_and_model(logged, movie, make_review):
    review = make_review(movie)
    [event] = logged("REVIEW_SUBMITTED")
    assert (event["movie_id"], event["movie_title"]) == (movie.pk, movie.title)
    assert (event["review_id"], event["sentiment"], event["confidence"]) == (
        review.pk,
        "positive",
        0.9,
    )
    assert event["model_version"] == "test-1"


def test_event_about_a_correction_has_both_labels(logged, movie, make_review, user):
    settle_label(review=make_review(movie), human_label="negative", by=user)
    [event] = logged("LABEL_CORRECTED")
    assert (event["label_before"], event["label_after"]) == ("positive", "negative")
    assert event["user_id"] == events.user_hash(user.pk)


def test_event_identifies_an_account_by_a_keyed_hash(settings, user):
    first = events.user_hash(user.pk)
    assert first == events.user_hash(user.pk)
    assert first != events.user_hash(user.pk + 1)
    settings.SECRET_KEY = "another"
    events.user_hash.cache_clear()
    assert events.user_hash(user.pk) != first
    events.user_hash.cache_clear()


def test_event_of_a_request_has_its_route_and_its_queries(logged, client, movie):
    response = client.get(movie.get_absolute_url(), headers={"x-request-id": "edge-1234"})
    [event] = logged("REQUEST")
    assert (event["path"], event["status"], event["method"]) == ("movies:detail", 200, "GET")
    assert event["request_id"] == "edge-1234" == response["X-Request-ID"]
    assert event["n_queries"] > 0
    assert 0 < event["database_ms"] < event["latency_ms"]


def test_event_of_a_request_contains_no_path_or_query_string(logged, client, db):
    client.get("/nosuchplace/mysecret/?q=mysecret")
    client.get("/movies/?q=mysecret")
    assert [event["status"] for event in logged("REQUEST")] == [404, 200]
    assert "mysecret" not in json.dumps(logged())


def test_event_of_a_request_has_the_account_only_if_the_view_loads_it(logged, client, user):
    client.force_login(user)
    client.get("/healthz")
    client.get("/")
    assert [e["user_id"] for e in logged("REQUEST")] == [None, events.user_hash(user.pk)]


def test_event_of_a_failed_login_does_not_contain_the_name(logged, db):
    from django.contrib.auth import authenticate

    authenticate(username="hunter2", password="wrong")
    assert len(logged("LOGIN_FAILED")) == 1
    assert "hunter2" not in json.dumps(logged("LOGIN_FAILED"))


def test_exceeded_rate_limit_is_an_event(logged, api, settings, monkeypatch):
    from rest_framework.throttling import ScopedRateThrottle

    monkeypatch.setitem(ScopedRateThrottle.THROTTLE_RATES, "predict", "1/min")
    for _ in range(2):
        api.post("/api/v1/predict/", {"text": "Good."})
    [event] = logged("RATE_LIMITED")
    assert event["path"] == "predict"


def test_event_of_an_error_has_its_place_and_not_its_message(logged, client, movie, monkeypatch):
    from reviews.pages.views import MoviePage

    def fail(*args, **kwargs):
        raise ValueError("They wrote: awful secretword")

    monkeypatch.setattr(MoviePage, "get_queryset", fail)
    client.raise_request_exception = False
    client.get(movie.get_absolute_url())
    [error] = logged("ERROR")
    assert (error["error_type"], error["path"], error["status"]) == (
        "ValueError",
        "movies:detail",
        500,
    )
    assert "in fail" in error["traceback"]
    assert "secretword" not in json.dumps(logged())


def test_log_record_of_django_about_a_response_has_request_id_and_status(logged, client, db):
    client.get("/nosuchplace/", headers={"x-request-id": "edge-1234"})
    [line] = logged("LOG")
    assert (line["message"], line["request_id"]) == ("Not Found (404)", "edge-1234")


@pytest.mark.parametrize("probe", ["/readyz", "/startupz"])
def test_failed_probe_is_logged_as_a_warning(logged, client, db, no_model, probe):
    assert client.get(probe).status_code == 503
    assert not logged("ERROR")
    assert [e["level"] for e in logged() if e.get("path")] == ["INFO", "WARNING"]


@pytest.mark.parametrize("address", ["/", "/api/v1/movies/"])
def test_log_record_about_a_wrong_host_does_not_contain_its_name(logged, client, settings, address):
    settings.ALLOWED_HOSTS = ["testserver"]
    client.get(address, headers={"host": "secretword.example"})
    assert not logged("ERROR")
    [line] = logged("LOG")
    assert (line["level"], line["message"]) == ("WARNING", "Refused: DisallowedHost")
    assert line["error_type"] == "DisallowedHost"
    assert "secretword" not in json.dumps(logged())


def test_exception_as_a_log_message_is_reduced_to_its_type():
    record = line_of("elsewhere", ValueError("secretword"))
    assert json.loads(JsonFormatter().format(record))["message"] == "ValueError"


def line_of(name, message, *args):
    return logging.LogRecord(name, logging.INFO, "", 0, message, args, None)


@pytest.mark.parametrize(
    "message",
    [
        "could not connect to postgres://me:hunter2pass@db:5432/x",
        "could not connect to postgres://me:hun@hunter2pass@db:5432/x",
        "password=hunter2pass is wrong",
        "Authorization: Bearer hunter2pass",
        "mail to hunter2pass@example.org",
        "sent from 203.0.113.77 hunter2pass"[:22],
        "Failing row\nDETAIL:  (7, hunter2pass)",
        "GET /movies/?q=hunter2pass",
        f"key {settings.SECRET_KEY} hunter",
    ],
)
def test_log_message_is_redacted(message):
    record = line_of("reviews.x", "%s", message)
    line = JsonFormatter().format(record)
    assert "hunter2pass" not in line
    assert "203.0.113.77" not in line
    assert settings.SECRET_KEY not in line


def test_log_message_of_another_package_is_logged_without_its_arguments():
    record = line_of("django.x", "Not %s", "mine")
    assert json.loads(JsonFormatter().format(record))["message"] == "Not %s"


def test_readable_log_shows_an_event_with_its_fields(caplog):
    caplog.set_level(logging.INFO)
    events.emit("LOGIN_FAILED", path="login")
    line = ReadableFormatter().format(caplog.records[0])
    assert line.endswith("login failed LOGIN_FAILED path=login")


def test_only_a_share_of_the_events_of_predict_is_logged_if_so_configured(logged, api, settings):
    settings.PREDICT_EVENTS_SHARE = 0.0
    assert api.post("/api/v1/predict/", {"text": "Good."}).status_code == 200
    assert api.post("/api/v1/predict/", {}).status_code == 400
    assert not logged("PREDICTION")
    assert [event["status"] for event in logged("REQUEST")] == [400]


def test_catalogue_has_no_field_for_personal_data():
    assert not {"username", "email", "ip", "text", "body", "query"} & set(events.FIELDS)
