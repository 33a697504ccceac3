"""The schema names the errors of every operation, all in the one shape."""

import pytest
from drf_spectacular.generators import SchemaGenerator
from jsonschema import validate

METHODS = {"get", "post", "patch", "put", "delete"}
SHAPE = {"$ref": "#/components/schemas/Error"}


@pytest.fixture(scope="module")
def schema():
    return SchemaGenerator().get_schema(public=True)


def error_responses(schema):
    for path in schema["paths"].values():
        for method in METHODS & set(path):
            for status, response in path[method]["responses"].items():
                if status >= "400":
                    yield status, response


def test_every_error_has_the_same_shape_and_a_description(schema):
    found = list(error_responses(schema))
    assert {status for status, _ in found} >= {"400", "404", "409", "413", "429", "503"}
    for _, response in found:
        assert response["content"] == {"application/json": {"schema": SHAPE}}
        assert response["description"]


@pytest.mark.parametrize(
    ("operation", "statuses"),
    [
        ("get /api/v1/movies/", "200 400 401 404"),
        ("get /api/v1/movies/{id}/score/", "200 401 404"),
        ("post /api/v1/movies/{movie_id}/reviews/", "201 400 401 403 404 409 413 415 429"),
        ("delete /api/v1/reviews/{id}/", "204 401 403 404 429"),
        ("post /api/v1/predict/", "200 400 413 415 429 503"),
        ("get /api/v1/model/", "200 401 503"),
    ],
)
def test_operation_lists_its_errors(schema, operation, statuses):
    method, path = operation.split()
    assert " ".join(schema["paths"][path][method]["responses"]) == statuses


def test_schema_contains_every_address(schema):
    assert {
        "/api/v1/movies/",
        "/api/v1/movies/{id}/",
        "/api/v1/movies/{id}/score/",
        "/api/v1/movies/{movie_id}/reviews/",
        "/api/v1/reviews/{id}/",
        "/api/v1/reviews/{id}/author-label/",
        "/api/v1/reviews/{id}/dispute/",
        "/api/v1/reviews/{id}/report/",
        "/api/v1/predict/",
        "/api/v1/model/",
    } == set(schema["paths"])


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("predict/", {"texts": ["Good.", 5]}, 400),
        ("movies/1/reviews/", {"text": "Good."}, 404),
        ("predict/", {"text": "x" * 4_000_001}, 413),
    ],
)
def test_response_matches_the_schema(schema, api, path, body, status):
    response = api.post(f"/api/v1/{path}", body)
    assert response.status_code == status
    parts = {"components": schema["components"]}
    validate(response.json(), {**SHAPE, **parts})
