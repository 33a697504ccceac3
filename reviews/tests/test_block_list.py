import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from reviews.models import BlockedTerm, MovieReview
from reviews.moderation.block_list import check_block_list

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def blocked():
    for kind, term in (("word", "Crétin fini"), ("domain", "https://www.Casino.example/win")):
        made = BlockedTerm(kind=kind, term=term)
        made.full_clean()
        made.save()


@pytest.mark.parametrize(
    "text",
    [
        "What a cretin fini!",
        "CRÉTIN\n FINI",
        "cre\u200btin fini",
        "ｃretin fini",
        "see https://casino.example/now",
        "see casino.example.",
        "see win.Casino.example",
    ],
)
def test_blocked_term_is_found_in_every_spelling(text):
    with pytest.raises(ValidationError):
        check_block_list(text)


@pytest.mark.parametrize(
    "text",
    ["cretin finish", "a cretin, fini", "notcasino.example", "casino.example.org", "casino"],
)
def test_text_that_only_resembles_a_term_is_accepted(text):
    assert check_block_list(text) == text


def test_term_without_letters_is_rejected():
    with pytest.raises(ValidationError):
        BlockedTerm(kind="domain", term="https://www./").full_clean()


def test_form_rejects_a_blocked_term_and_keeps_the_text(client, movie):
    address = reverse("reviews:create", args=[movie.slug])
    page = client.post(address, {"text": "Win at casino.example"})
    assert page.status_code == 400
    assert "Win at casino.example" in page.content.decode()
    assert client.post(address, {"text": "Fine.", "guest_name": "cretin fini"}).status_code == 400
    assert not MovieReview.objects.exists()


def test_api_rejects_a_blocked_term(api, movie):
    address = reverse("movie-reviews", args=[movie.pk])
    answer = api.post(address, {"text": "Win at casino.example"})
    assert answer.status_code == 400
    assert "text" in answer.json()["error"]["fields"]


def test_edit_cannot_add_a_blocked_term(user_client, user, movie, make_review):
    review = make_review(movie, author=user)
    address = reverse("reviews:edit", args=[review.pk])
    assert user_client.post(address, {"text": "casino.example"}).status_code == 400


def test_sign_up_rejects_a_blocked_name(client):
    data = {"username": "casino.example", "password1": "long-word-1", "password2": "long-word-1"}
    page = client.post(reverse("signup"), data)
    assert page.context["form"].errors["username"]


def test_curator_adds_a_term_in_the_admin(admin_client):
    address = reverse("admin:reviews_blockedterm_add")
    admin_client.post(address, {"kind": "word", "term": " Bööh ", "note": ""})
    assert BlockedTerm.objects.filter(term="booh").exists()
