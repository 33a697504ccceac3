"""What the site tells of itself is documented, and tells nothing of anybody."""

import ast
import json
import logging

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command

from observability import events, task_queue
from observability.logging import JsonFormatter, ReadableFormatter, RequestIdFilter
from reviews.submission import edit_review, settle_label

APPS = ("common", "observability", "movies", "mlmodel", "reviews", "accounts", "seo", "status")


@pytest.fixture
def told(caplog):
    """The events so far, as they would leave: parsed from their JSON."""
    caplog.set_level(logging.INFO)
    caplog.handler.addFilter(RequestIdFilter())

    def lines(name=None):
        entries = [json.loads(JsonFormatter().format(record)) for record in caplog.records]
        return [e for e in entries if name in (None, e["event_type"])]

    return lines


def emitted():
    """Every name and field that the code emits, as it is written there."""
    for app in APPS:
        for path in (settings.BASE_DIR / app).rglob("*.py"):
            if "tests" in path.parts:
                continue
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "emit":
                    yield path.name, node


def test_every_event_in_the_code_is_in_the_catalogue():
    found = list(emitted())
    assert len(found) > 10
    for where, call in found:
        [name] = call.args
        assert isinstance(name, ast.Constant), f"{where}:{call.lineno} has no name of its own"
        fields = {keyword.arg for keyword in call.keywords if keyword.arg}
        assert fields <= set(events.EVENTS[name.value].fields), f"{where}:{call.lineno}"


def test_every_event_in_the_catalogue_is_emitted_somewhere():
    names = {call.args[0].value for _, call in emitted()}
    assert names | {"ERROR", "LOG"} == set(events.EVENTS)


def test_every_field_is_described_and_every_description_used():
    used = {field for event in events.EVENTS.values() for field in event.fields}
    assert used | set(events.COMMON) == set(events.FIELDS)


def test_the_page_about_events_is_that_of_the_code():
    page = (settings.BASE_DIR / "docs" / "events.md").read_text()
    assert page == events.as_markdown(), "manage.py events > docs/events.md"


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


@pytest.mark.parametrize("name", events.EVENTS.keys() - {"LOG", "ERROR"})
def test_event_leaves_with_the_types_of_the_index_template(told, name):
    fields = {field: SAMPLES[events.FIELDS[field].kind] for field in events.EVENTS[name].fields}
    events.emit(name, **fields)
    [event] = told()
    assert event.keys() == {*events.COMMON, *fields}
    for field, value in event.items():
        assert type(value) is JSON_TYPES[events.FIELDS[field].kind], field


@pytest.mark.parametrize("fields", [{"colour": "red"}, {"status": "200"}, {"movie_id": True}])
def test_an_undocumented_field_or_type_is_an_error_here(fields):
    with pytest.raises(ValueError, match="not documented"):
        events.emit("REQUEST", **fields)


def test_in_production_an_undocumented_field_is_left_out(settings):
    settings.STRICT_EVENTS = False
    fields = {"status": 200, "text": "my words", "path": 7}
    assert events.documented("REQUEST", fields) == {"status": 200}


def test_an_event_has_its_time_its_id_and_the_request(told):
    with events.named("abc-12345"):
        events.emit("LOGIN_FAILED", path="login")
    [event] = told()
    assert set(events.COMMON) <= set(event)
    assert event["@timestamp"].endswith("Z")
    assert (event["request_id"], event["level"]) == ("abc-12345", "WARNING")


def test_no_two_events_have_one_id(told):
    for _ in range(50):
        events.emit("LOGIN_FAILED", path="login")
    assert len({event["event_id"] for event in told()}) == 50


def test_a_line_keeps_its_id_whoever_formats_it():
    record = line_of("reviews", "x")
    assert JsonFormatter().format(record) == JsonFormatter().format(record)


def test_a_review_is_told_without_its_words(told, movie, make_review, user):
    review = make_review(movie, "A secretword film.", author=user, guest_name="")
    edit_review(review=review, text="Rather a bad thirdword film.")
    review.refresh_from_db()
    settle_label(review=review, human_label="positive", by=user)
    kinds = [event["event_type"] for event in told()]
    wanted = ["PREDICTION", "REVIEW_SUBMITTED", "PREDICTION", "REVIEW_EDITED", "LABEL_CORRECTED"]
    assert kinds == wanted
    everything = json.dumps(told())
    assert "secretword" not in everything
    assert "thirdword" not in everything
    assert user.username not in everything


def test_an_event_about_a_review_names_film_label_and_model(told, movie, make_review):
    review = make_review(movie)
    [event] = told("REVIEW_SUBMITTED")
    assert (event["movie_id"], event["movie_title"]) == (movie.pk, movie.title)
    assert (event["review_id"], event["sentiment"], event["confidence"]) == (
        review.pk,
        "positive",
        0.9,
    )
    assert event["model_version"] == "test-1"


def test_a_correction_tells_both_labels(told, movie, make_review, user):
    settle_label(review=make_review(movie), human_label="negative", by=user)
    [event] = told("LABEL_CORRECTED")
    assert (event["label_before"], event["label_after"]) == ("positive", "negative")
    assert event["user_id"] == events.user_hash(user.pk)


def test_an_account_is_told_as_a_keyed_hash(settings, user):
    first = events.user_hash(user.pk)
    assert first == events.user_hash(user.pk)
    assert first != events.user_hash(user.pk + 1)
    settings.SECRET_KEY = "another"
    events.user_hash.cache_clear()
    assert events.user_hash(user.pk) != first
    events.user_hash.cache_clear()


def test_a_request_is_told_with_its_route(told, client, movie):
    response = client.get(movie.get_absolute_url(), headers={"x-request-id": "edge-1234"})
    [event] = told("REQUEST")
    assert (event["path"], event["status"], event["method"]) == ("movies:detail", 200, "GET")
    assert event["request_id"] == "edge-1234" == response["X-Request-ID"]
    assert event["n_queries"] > 0
    assert 0 < event["database_ms"] < event["latency_ms"]


def test_a_path_or_query_is_never_told(told, client, db):
    client.get("/nosuchplace/mysecret/?q=mysecret")
    client.get("/movies/?q=mysecret")
    assert [event["status"] for event in told("REQUEST")] == [404, 200]
    assert "mysecret" not in json.dumps(told())


def test_who_is_signed_in_is_told_only_where_it_is_known(told, client, user):
    client.force_login(user)
    client.get("/healthz")
    client.get("/")
    assert [e["user_id"] for e in told("REQUEST")] == [None, events.user_hash(user.pk)]


def test_a_failed_login_is_told_without_the_name(told, db):
    from django.contrib.auth import authenticate

    authenticate(username="hunter2", password="wrong")
    assert len(told("LOGIN_FAILED")) == 1
    assert "hunter2" not in json.dumps(told("LOGIN_FAILED"))


def test_who_asks_too_often_is_told(told, api, settings, monkeypatch):
    from rest_framework.throttling import ScopedRateThrottle

    monkeypatch.setitem(ScopedRateThrottle.THROTTLE_RATES, "predict", "1/min")
    for _ in range(2):
        api.post("/api/v1/predict/", {"text": "Good."})
    [event] = told("RATE_LIMITED")
    assert event["path"] == "predict"


def test_an_error_tells_where_and_not_what(told, client, movie, monkeypatch):
    from reviews.pages.views import MoviePage

    def fail(*args, **kwargs):
        raise ValueError("He wrote: awful secretword")

    monkeypatch.setattr(MoviePage, "get_queryset", fail)
    client.raise_request_exception = False
    client.get(movie.get_absolute_url())
    [error] = told("ERROR")
    assert (error["error_type"], error["path"], error["status"]) == (
        "ValueError",
        "movies:detail",
        500,
    )
    assert "in fail" in error["traceback"]
    assert "secretword" not in json.dumps(told())


def test_what_django_says_of_an_answer_has_the_request_and_the_status(told, client, db):
    client.get("/nosuchplace/", headers={"x-request-id": "edge-1234"})
    [line] = told("LOG")
    assert (line["message"], line["request_id"]) == ("Not Found (404)", "edge-1234")


@pytest.mark.parametrize("probe", ["/readyz", "/startupz"])
def test_a_probe_that_says_no_is_no_error(told, client, db, no_model, probe):
    assert client.get(probe).status_code == 503
    assert not told("ERROR")
    assert [e["level"] for e in told() if e.get("path")] == ["INFO", "WARNING"]


@pytest.mark.parametrize("address", ["/", "/api/v1/movies/"])
def test_a_host_that_is_not_ours_is_told_without_its_name(told, client, settings, address):
    settings.ALLOWED_HOSTS = ["testserver"]
    client.get(address, headers={"host": "secretword.example"})
    assert not told("ERROR")
    [line] = told("LOG")
    assert (line["level"], line["message"]) == ("WARNING", "Refused: DisallowedHost")
    assert line["error_type"] == "DisallowedHost"
    assert "secretword" not in json.dumps(told())


def test_an_exception_that_is_logged_as_it_is_is_told_by_its_kind():
    record = line_of("elsewhere", ValueError("secretword"))
    assert json.loads(JsonFormatter().format(record))["message"] == "ValueError"


def line_of(name, message, *args):
    return logging.LogRecord(name, logging.INFO, "", 0, message, args, None)


@pytest.mark.parametrize(
    "message",
    [
        "could not connect to postgres://me:hunter2pass@db:5432/x",
        "password=hunter2pass is wrong",
        "Authorization: Bearer hunter2pass",
        "mail to hunter2pass@example.org",
        "sent from 203.0.113.77 hunter2pass"[:22],
        "Failing row\nDETAIL:  (7, hunter2pass)",
        "GET /movies/?q=hunter2pass",
        f"key {settings.SECRET_KEY} hunter",
    ],
)
def test_a_logged_line_is_scrubbed(message):
    record = line_of("reviews.x", "%s", message)
    line = JsonFormatter().format(record)
    assert "hunter2pass" not in line
    assert "203.0.113.77" not in line
    assert settings.SECRET_KEY not in line


def test_what_other_packages_log_is_told_without_its_arguments():
    record = line_of("django.x", "Not %s", "mine")
    assert json.loads(JsonFormatter().format(record))["message"] == "Not %s"


def test_a_laptop_shows_an_event_with_its_fields(caplog):
    caplog.set_level(logging.INFO)
    events.emit("LOGIN_FAILED", path="login")
    line = ReadableFormatter().format(caplog.records[0])
    assert line.endswith("somebody could not sign in LOGIN_FAILED path=login")


def test_while_a_process_serves_events_are_written_in_the_background(told):
    task_queue.start()
    try:
        with events.named("abc-12345"):
            events.emit("LOGIN_FAILED", path="login")
        task_queue.drain()
        assert [event["request_id"] for event in told()] == ["abc-12345"]
    finally:
        task_queue.stop()


def test_what_the_background_cannot_hold_is_counted(monkeypatch):
    monkeypatch.setattr(task_queue, "_thread", object())
    monkeypatch.setattr(task_queue, "LIMIT", 2)
    monkeypatch.setattr(task_queue, "n_lost", 0)
    for _ in range(5):
        events.emit("LOGIN_FAILED", path="login")
    assert (len(task_queue._pending), task_queue.n_lost) == (2, 3)
    task_queue._pending.clear()


def test_a_share_of_what_asks_predict_can_be_enough(told, api, settings):
    settings.PREDICT_EVENTS_SHARE = 0.0
    assert api.post("/api/v1/predict/", {"text": "Good."}).status_code == 200
    assert api.post("/api/v1/predict/", {}).status_code == 400
    assert not told("PREDICTION")
    assert [event["status"] for event in told("REQUEST")] == [400]


def test_names_of_people_are_no_field():
    assert not {"username", "email", "ip", "text", "body", "query"} & set(events.FIELDS)
    assert User  # the account's only trace is user_id
