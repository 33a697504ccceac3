"""Invalid requests get a 4xx in the error shape, and store nothing."""

import pytest

from reviews.models import MovieReview

pytestmark = pytest.mark.django_db

BAD_BODIES = {
    "empty object": {},
    "empty text": {"text": ""},
    "blank text": {"text": " \n\u200b"},
    "NUL": {"text": "good\x00film"},
    "null": {"text": None},
    "number": {"text": 12345},
    "boolean": {"text": True},
    "list": {"text": ["good film"]},
    "object": {"text": {"a": "good film"}},
    "name too long": {"text": "good film", "guest_name": "x" * 61},
    "name with control characters": {"text": "good film", "guest_name": "A\x00na"},
    "name of wrong type": {"text": "good film", "guest_name": 5},
    "a list instead of an object": [{"text": "good film"}],
    "a text instead of an object": "good film",
    "null instead of an object": None,
}


def assert_error(response, status, code):
    assert response.status_code == status
    body = response.json()
    assert set(body) == {"error"}
    assert set(body["error"]) == {"code", "message", "fields"}
    assert body["error"]["code"] == code
    assert body["error"]["message"]
    assert not MovieReview.objects.exists()


@pytest.mark.parametrize("body", BAD_BODIES.values(), ids=BAD_BODIES.keys())
def test_invalid_body_is_rejected(api, movie, body):
    response = api.post(f"/api/v1/movies/{movie.pk}/reviews/", body)
    assert_error(response, 400, "invalid")


def test_lone_surrogate_is_rejected(api, movie):
    address = f"/api/v1/movies/{movie.pk}/reviews/"
    body = r'{"text": "good \ud83d film"}'
    response = api.generic("POST", address, body, content_type="application/json")
    assert_error(response, 400, "invalid")


def test_error_names_its_field(api, movie):
    response = api.post(f"/api/v1/movies/{movie.pk}/reviews/", {"text": " "})
    assert list(response.json()["error"]["fields"]) == ["text"]


@pytest.mark.parametrize("raw", ["{", "", "{'text': 'good film'}", b"\xff\xfe", '{"text": NaN}'])
def test_malformed_json_is_rejected(api, movie, raw):
    address = f"/api/v1/movies/{movie.pk}/reviews/"
    response = api.generic("POST", address, raw, content_type="application/json")
    assert response.status_code == 400
    assert_error(response, 400, response.json()["error"]["code"])


@pytest.mark.parametrize("kind", ["text/plain", "multipart/form-data; boundary=x", "nonsense"])
def test_other_media_types_are_rejected(api, movie, kind):
    address = f"/api/v1/movies/{movie.pk}/reviews/"
    response = api.generic("POST", address, '{"text": "good film"}', content_type=kind)
    assert_error(response, 415, "unsupported_media_type")


@pytest.mark.parametrize("movie_id", ["0", "999999", "9" * 30])
def test_unknown_movie_is_a_404(api, db, movie_id):
    response = api.post(f"/api/v1/movies/{movie_id}/reviews/", {"text": "good film"})
    assert_error(response, 404, "not_found")


@pytest.mark.parametrize("review_id", ["0", "999999", "9" * 30, "abc", "-1", "%00"])
@pytest.mark.parametrize("method", ["get", "patch", "delete"])
def test_unknown_review_is_a_404(user_api, method, review_id):
    response = getattr(user_api, method)(f"/api/v1/reviews/{review_id}/")
    assert_error(response, 404, "not_found")


@pytest.mark.parametrize("page", ["0", "-1", "abc", "9999", "9" * 40])
def test_invalid_page_number_is_a_404(api, movie, page):
    response = api.get(f"/api/v1/movies/{movie.pk}/reviews/", {"page": page})
    assert_error(response, 404, "not_found")


def test_unknown_label_is_rejected(api, movie):
    response = api.get(f"/api/v1/movies/{movie.pk}/reviews/", {"label": "meh"})
    assert_error(response, 400, "invalid")


@pytest.mark.parametrize("method", ["put", "delete"])
def test_unsupported_method_is_rejected(user_api, movie, method):
    response = getattr(user_api, method)(f"/api/v1/movies/{movie.pk}/reviews/")
    assert_error(response, 405, "method_not_allowed")


def test_wrong_token_is_rejected(api, movie):
    api.credentials(HTTP_AUTHORIZATION="Token nonsense")
    response = api.post(f"/api/v1/movies/{movie.pk}/reviews/", {"text": "good film"})
    assert_error(response, 401, "authentication_failed")
