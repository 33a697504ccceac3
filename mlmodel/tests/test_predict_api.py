import pytest

URL = "/api/v1/predict/"


@pytest.mark.django_db
def test_one_text_gives_one_prediction(api):
    answer = api.post(URL, {"text": "A good film."})
    assert answer.json() == {
        "label": "positive",
        "p_positive": 0.9,
        "confidence": 0.9,
        "readable": True,
        "model_version": "test-1",
    }


def test_many_texts_give_as_many_predictions_in_order(api):
    answer = api.post(URL, {"texts": ["Good.", "A bad one.", "zzz"]})
    labels = [prediction["label"] for prediction in answer.json()["predictions"]]
    assert labels == ["positive", "negative", "unreadable"]


def test_a_thousand_texts_are_read(api):
    answer = api.post(URL, {"texts": ["Good."] * 1000})
    assert len(answer.json()["predictions"]) == 1000


def test_the_database_is_not_asked(api, client):
    # Without the db fixture every query would raise.
    assert api.post(URL, {"text": "Good."}).status_code == 200


def test_the_database_is_not_asked_for_a_visitor_with_a_session(
    client, user, django_assert_num_queries
):
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
def test_bad_input_is_refused_in_the_one_error_shape(api, body):
    answer = api.post(URL, body)
    assert answer.status_code == 400
    assert set(answer.json()["error"]) == {"code", "message", "fields"}


@pytest.mark.parametrize(
    "body", ["{", "", "\x00", '{"text": NaN}', r'{"text": "half \ud800"}', "[" * 100_000]
)
def test_malformed_json_is_refused(api, body):
    answer = api.post(URL, body, content_type="application/json")
    assert answer.status_code == 400
    assert "error" in answer.json()


def test_the_bad_text_of_a_list_is_pointed_at(api):
    fields = api.post(URL, {"texts": ["Good.", 5]}).json()["error"]["fields"]
    assert fields == {"texts.1": ["Must be a string."]}


def test_markup_is_read_like_any_text(api):
    assert api.post(URL, {"text": "<script>alert(1)</script> good"}).status_code == 200


@pytest.mark.django_db
def test_without_a_model_it_says_so(api, no_model):
    answer = api.post(URL, {"text": "Good."})
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "model_unavailable")


def test_too_many_requests_are_asked_to_wait(api, monkeypatch):
    from rest_framework.throttling import ScopedRateThrottle

    monkeypatch.setitem(ScopedRateThrottle.THROTTLE_RATES, "predict", "2/min")
    codes = [api.post(URL, {"text": "Good."}).status_code for _ in range(3)]
    assert codes == [200, 200, 429]


def test_reading_is_a_post(api):
    assert api.get(URL).status_code == 405
