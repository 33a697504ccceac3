import pytest
from django.urls import reverse
from rest_framework.authtoken.models import Token

from reviews.models import MovieReview
from reviews.moderation.reports import report_review
from reviews.submission import dispute_review, hide_review

pytestmark = pytest.mark.django_db

ACCOUNT, TOKEN, DATA = reverse("account"), reverse("account-token"), reverse("account-data")


@pytest.mark.parametrize("name", ["account", "account-email", "account-data", "account-delete"])
def test_account_pages_require_sign_in(client, name):
    assert client.get(reverse(name)).url.startswith(reverse("login"))


def test_sign_in_page_opens_for_a_signed_in_user(user_client):
    page = user_client.get(reverse("login"), {"next": reverse("login")})
    assert page.status_code == 200


def test_name_with_markup_is_escaped(client, django_user_model):
    client.force_login(django_user_model.objects.create_user("<b>ana</b>"))
    assert "<b>ana</b>" not in client.get("/").content.decode()


def test_new_token_works_and_is_shown_once(user_client, user, api, movie):
    page = user_client.post(TOKEN, {"action": "make"}, follow=True).content.decode()
    key = Token.objects.get(user=user).key
    assert key in page
    assert key not in user_client.get(ACCOUNT).content.decode()
    api.credentials(HTTP_AUTHORIZATION=f"Token {key}")
    api.post(reverse("movie-reviews", args=[movie.pk]), {"text": "A good movie."})
    assert MovieReview.objects.get().author == user


def test_replaced_or_revoked_token_stops_working(user_client):
    user_client.post(TOKEN, {"action": "make"})
    old = Token.objects.get().key
    user_client.post(TOKEN, {"action": "make"})
    assert Token.objects.get().key != old
    user_client.post(TOKEN, {"action": "revoke"})
    assert not Token.objects.exists()


def test_get_request_creates_no_token(user_client):
    assert user_client.get(TOKEN).status_code == 405
    assert not Token.objects.exists()


def test_export_contains_only_the_data_of_the_account(user_client, user, movie, make_review):
    mine = make_review(movie, "Bad, I say.", author=user)
    report_review(review=make_review(movie, "Somebody else's."), reason="spam", reporter=user)
    dispute_review(review=mine, note="I was joking.")
    hide_review(review=mine)
    answer = user_client.get(DATA)
    assert "attachment" in answer["Content-Disposition"]
    [review] = answer.json()["reviews"]
    assert (review["text"], review["label"], review["is_hidden"]) == (
        "Bad, I say.",
        "negative",
        True,
    )
    assert review["dispute_note"] == "I was joking."
    assert answer.json()["account"]["name"] == "ana"
    assert [report["reason"] for report in answer.json()["reports"]] == ["spam"]


def test_export_makes_a_fixed_number_of_queries(
    user_client, user, make_movies, make_review, django_assert_num_queries
):
    for movie in make_movies(3):
        make_review(movie, author=user)
    with django_assert_num_queries(5):
        user_client.get(DATA)
