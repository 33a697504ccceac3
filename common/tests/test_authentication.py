import pytest

from reviews.models import MovieReview

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "header", ["", " ", "Token", "Token a b", "Token no-such-token", "Bearer abc", "Tokenabc", "x"]
)
def test_a_broken_authorization_header_is_a_401(api, movie, header):
    answer = api.post(
        f"/api/v1/movies/{movie.pk}/reviews/", {"text": "Good."}, HTTP_AUTHORIZATION=header
    )
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Token"
    assert set(answer.data["error"]) == {"code", "message", "fields"}
    assert not MovieReview.objects.exists()


def test_a_session_does_not_replace_a_broken_header(user_client, movie):
    answer = user_client.get(f"/api/v1/movies/{movie.pk}/", HTTP_AUTHORIZATION="Bearer abc")
    assert answer.status_code == 401
