import pytest
from rest_framework.throttling import ScopedRateThrottle
from rest_framework.views import APIView

from observability.logging import as_event

URL = "/api/v1/predict/"


@pytest.mark.django_db
def test_one_text_gives_one_prediction(api):
    answer = api.post(URL, {"text": "A good film."})
    assert answer.json() == {
        "label": "positive",
        "p_positive": 0.9,
        "confidence": 0.9,
        "readable": True,
        "reason": None,
        "language": None,
        "model_version": "test-1",
    }


def test_many_texts_give_as_many_predictions_in_order(api):
    answer = api.post(URL, {"texts": ["Good.", "A bad one.", "zzz"]})
    labels = [prediction["label"] for prediction in answer.json()["predictions"]]
    assert labels == ["positive", "negative", "unreadable"]


@pytest.mark.parametrize(
    ("text", "reason", "language"),
    [
        ("First!", "too_short", None),
        ("Das war leider total langweilig.", "another_language", "de"),
        ("Dfghjkl wrtzpl qwrtzp.", "unknown_words", None),
        ("Overrated.", None, None),
    ],
)
def test_an_unreadable_text_has_a_reason(
    api, monkeypatch, scorer, fixed_scorer, text, reason, language
):
    monkeypatch.setattr(fixed_scorer, "predict", scorer.predict)
    answer = api.post(URL, {"text": text}).json()
    assert (answer["reason"], answer["language"]) == (reason, language)
    assert answer["readable"] == (reason is None)


def test_a_thousand_texts_are_scored(api):
    answer = api.post(URL, {"texts": ["Good."] * 1000})
    assert len(answer.json()["predictions"]) == 1000


def test_prediction_needs_no_query_with_a_session(client, user, django_assert_num_queries):
    client.force_login(user)
    with django_assert_num_queries(0):
        answer = client.post(URL, {"text": "Good."}, content_type="application/json")
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"text": "a", "texts": ["b"]},
        {"text": ""},
        {"text": " \n\t"},
        {"text": 5},
        {"text": True},
        {"text": None},
        {"text": ["a"]},
        {"text": "a" * 10_001},
        {"text": "nul \x00"},
        {"text": "bell \x07"},
        {"texts": []},
        {"texts": "a"},
        {"texts": ["a", 5]},
        {"texts": ["a", ""]},
        {"texts": ["a"] * 1001},
        {"texts": {"a": "b"}},
        ["a"],
        "a",
        5,
        None,
    ],
)
def test_invalid_input_is_an_error_in_the_common_shape(api, body):
    answer = api.post(URL, body)
    assert answer.status_code == 400
    assert set(answer.json()["error"]) == {"code", "message", "fields"}


@pytest.mark.parametrize(
    "body", ["{", "", "\x00", '{"text": NaN}', r'{"text": "half \ud800"}', "[" * 100_000]
)
def test_malformed_json_is_an_error(api, body):
    answer = api.post(URL, body, content_type="application/json")
    assert answer.status_code == 400
    assert "error" in answer.json()


def test_error_names_the_invalid_text_of_a_list(api):
    fields = api.post(URL, {"texts": ["Good.", 5]}).json()["error"]["fields"]
    assert fields == {"texts.1": ["Must be a string."]}


def test_markup_is_scored_like_any_text(api):
    assert api.post(URL, {"text": "<script>alert(1)</script> good"}).status_code == 200


@pytest.mark.django_db
def test_missing_model_is_reported(api, no_model):
    answer = api.post(URL, {"text": "Good."})
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "model_unavailable")


def test_predict_allows_post_only(api):
    assert api.get(URL).status_code == 405


def ask(api, body, address=URL, **headers):
    """Post a body; a query in the address leaves the request to DRF."""
    return api.post(address, body, content_type="application/json", headers=headers)


@pytest.fixture
def via_drf(monkeypatch):
    """The requests that DRF has handled."""
    requests, dispatch = [], APIView.dispatch

    def record(self, request, *args, **kwargs):
        requests.append(request)
        return dispatch(self, request, *args, **kwargs)

    monkeypatch.setattr(APIView, "dispatch", record)
    return requests


@pytest.mark.parametrize("accept", ["*/*", "application/json", "application/json, text/plain, */*"])
def test_a_usual_request_is_answered_without_drf(client, via_drf, accept):
    assert ask(client, {"text": "Good."}, accept=accept).status_code == 200
    assert not via_drf


@pytest.mark.parametrize(
    "text", ["Good.", "It\x92s bad\x85", "zzz", 'Déjà vu 🍿 "quoted" <b>', "\n a"]
)
def test_the_answer_is_the_same_with_and_without_drf(client, via_drf, text):
    answers = [ask(client, {"text": text}, URL + query) for query in ("", "?x=1")]
    assert len(via_drf) == 1
    assert answers[0].content == answers[1].content
    first, second = ({**answer.headers, "X-Request-ID": ""} for answer in answers)
    assert first == second


def test_the_events_are_the_same_with_and_without_drf(client, caplog):
    caplog.set_level("INFO")
    for query in ("", "?x=1"):
        ask(client, {"text": "a bad secretword"}, URL + query, **{"x-request-id": "edge-1234"})
    events = [as_event(record) for record in caplog.records]
    for event in events:
        assert all(event.pop(name) for name in ("event_id", "@timestamp", "latency_ms"))
    assert [event["event_type"] for event in events[:2]] == ["PREDICTION", "REQUEST"]
    assert events[:2] == events[2:]
    assert "secretword" not in str(events)


@pytest.mark.parametrize(
    ("content_type", "accept", "status"),
    [
        ("application/json", "text/html", 406),
        ("application/json", "application/json; indent=4", 200),
        ("application/json; charset=latin-1", "*/*", 200),
        ("text/plain", "*/*", 415),
    ],
)
def test_an_unusual_request_is_left_to_drf(client, via_drf, content_type, accept, status):
    body = '{"text": "Good."}'
    answer = client.post(URL, body, content_type=content_type, headers={"accept": accept})
    assert (answer.status_code, len(via_drf)) == (status, 1)


def test_requests_with_and_without_drf_count_for_one_limit(client, monkeypatch):
    monkeypatch.setitem(ScopedRateThrottle.THROTTLE_RATES, "predict", "2/min")
    answers = [ask(client, {"text": "Good."}, URL + query) for query in ("", "?x=1", "")]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert int(answers[-1]["Retry-After"]) > 0


def test_an_unknown_host_gets_no_prediction(client, settings):
    settings.ALLOWED_HOSTS = ["example.com"]
    answer = ask(client, {"text": "Good."}, host="evil.example")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_request")


def test_a_broken_scorer_is_a_server_error(client, db, broken_scorer):
    client.raise_request_exception = False
    answer = ask(client, {"text": "Good."})
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "server_error")
