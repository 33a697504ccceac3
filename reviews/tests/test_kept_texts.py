"""No text is lost, and none changes its author, if a session begins or ends while it is written."""

import pytest
from django.test import Client
from django.urls import reverse

from reviews import freshness
from reviews.forms import author_key
from reviews.models import MovieReview
from reviews.submission import hide_review

pytestmark = pytest.mark.django_db

TEXT = "A good film, and a long text."
PASSWORD = "a-long-password-1"


@pytest.fixture
def address(movie):
    return reverse("reviews:create", args=[movie.slug])


@pytest.fixture
def strict():
    """A browser whose forms need a CSRF token."""
    return Client(enforce_csrf_checks=True)


def sign_in(client, name="ana", **fields):
    data = {"username": name, "password": PASSWORD, **fields}
    return client.post(reverse("login"), data)


def fields_of(page):
    form = page.context["form"]
    shown = {name: form[name].value() for name in form.fields}
    return {name: value for name, value in shown.items() if value}


def test_a_review_of_a_session_that_ended_is_not_a_guests(client, address, user):
    page = client.post(address, {"text": TEXT, "written_as": user.pk})
    assert page.status_code == 409
    assert 'data-testid="signed-out"' in page.content.decode()
    assert fields_of(page)["text"] == TEXT
    assert not MovieReview.objects.exists()


def test_signing_in_again_publishes_the_review_as_the_authors(client, address, user, movie):
    client.post(address, {"text": TEXT, "has_spoilers": "on", "written_as": user.pk})
    answer = sign_in(client, next=address)
    review = MovieReview.objects.get()
    assert answer.url == f"{review.get_absolute_url()}?new=1"
    assert (review.author, review.text, review.has_spoilers) == (user, TEXT, True)
    movie.refresh_from_db()
    assert freshness.recount(movie) == {}


def test_signing_in_again_publishes_nothing_twice(client, address, user):
    client.post(address, {"text": TEXT, "written_as": user.pk})
    sign_in(client)
    client.logout()
    assert sign_in(client).url == "/"
    assert MovieReview.objects.count() == 1


def test_another_account_does_not_publish_the_review(client, address, user, django_user_model):
    django_user_model.objects.create_user("bea", password=PASSWORD)
    client.post(address, {"text": TEXT, "written_as": user.pk})
    assert sign_in(client, "bea", next=address).url == address
    assert not MovieReview.objects.exists()


def test_who_is_signed_out_can_publish_as_a_guest(client, address, user):
    page = client.post(address, {"text": TEXT, "written_as": user.pk})
    client.post(address, fields_of(page))
    assert MovieReview.objects.get().author is None
    sign_in(client)
    assert MovieReview.objects.get().author is None


def test_only_accounts_keep_the_text_of_a_session_that_ended(client, address, user, settings):
    settings.GUEST_REVIEWS = False
    assert client.post(address, {"text": TEXT, "written_as": user.pk}).status_code == 403
    sign_in(client)
    assert MovieReview.objects.get().author == user


def test_a_text_written_as_a_guest_is_not_an_accounts(user_client, address, user):
    page = user_client.post(address, {"text": TEXT, "written_as": "guest"})
    assert page.status_code == 409
    assert 'data-testid="signed-in"' in page.content.decode()
    assert not MovieReview.objects.exists()
    user_client.post(address, fields_of(page))
    assert MovieReview.objects.get().author == user


def test_the_form_says_as_whom_it_was_shown(client, user_client, address, movie, user):
    for page in (address, movie.get_absolute_url()):
        assert fields_of(client.get(page)) == {"written_as": "guest"}
        assert fields_of(user_client.get(page)) == {"written_as": author_key(user)}


def test_a_draft_that_cannot_be_published_stays_in_the_form(
    client, address, user, movie, make_review
):
    make_review(movie, "The first.", author=user)
    client.post(address, {"text": TEXT, "written_as": user.pk})
    assert sign_in(client, next=address).url == address
    assert fields_of(client.get(address))["text"] == TEXT


def test_an_edit_of_a_session_that_ended_is_saved_after_signing_in(
    client, user, movie, make_review
):
    review = make_review(movie, "The first.", author=user)
    page = client.post(
        reverse("reviews:edit", args=[review.pk]), {"text": TEXT, "written_as": user.pk}
    )
    assert page.status_code == 403
    assert TEXT in page.content.decode()
    sign_in(client)
    review.refresh_from_db()
    assert review.text == TEXT


def test_a_kept_edit_reveals_nothing_about_the_review(client, user, movie, make_review):
    hidden = make_review(movie, "The first.", author=user)
    hide_review(review=hidden)
    for pk in (hidden.pk, 999_999):
        page = client.post(reverse("reviews:edit", args=[pk]), {"text": TEXT})
        assert page.status_code == 403
        assert "The first." not in page.content.decode()
        assert movie.title not in page.content.decode()


def test_others_do_not_edit_by_signing_in(client, user, movie, make_review, django_user_model):
    django_user_model.objects.create_user("bea", password=PASSWORD)
    review = make_review(movie, "The first.", author=user)
    edit = reverse("reviews:edit", args=[review.pk])
    client.post(
        edit, {"text": TEXT, "written_as": django_user_model.objects.get(username="bea").pk}
    )
    sign_in(client, "bea")
    review.refresh_from_db()
    assert review.text == "The first."


def test_a_form_without_a_token_keeps_the_text_and_can_be_sent_again(strict, address):
    page = strict.post(address, {"text": TEXT, "guest_name": "Bea", "written_as": "guest"})
    assert page.status_code == 403
    assert 'data-testid="stale"' in page.content.decode()
    again = fields_of(page) | {"csrfmiddlewaretoken": page.context["csrf_token"]}
    assert strict.post(address, again).status_code == 302
    review = MovieReview.objects.get()
    assert (review.text, review.author_name) == (TEXT, "Bea")


def test_a_form_from_before_signing_in_in_another_tab_can_be_sent_again(strict, address, user):
    token = strict.get(address).context["csrf_token"]
    strict.force_login(user)
    strict.get(reverse("account"))
    page = strict.post(
        address, {"text": TEXT, "written_as": "guest", "csrfmiddlewaretoken": token[::-1]}
    )
    assert page.status_code == 403
    assert 'data-testid="signed-in"' in page.content.decode()
    again = fields_of(page) | {"csrfmiddlewaretoken": page.context["csrf_token"]}
    strict.post(address, again)
    assert MovieReview.objects.get().author == user


def test_an_edit_without_a_token_keeps_the_text(strict, user, movie, make_review):
    review = make_review(movie, "The first.", author=user)
    edit = reverse("reviews:edit", args=[review.pk])
    strict.force_login(user)
    page = strict.post(edit, {"text": TEXT})
    assert page.status_code == 403
    again = fields_of(page) | {"csrfmiddlewaretoken": page.context["csrf_token"]}
    assert strict.post(edit, again).url == review.get_absolute_url()
    review.refresh_from_db()
    assert review.text == TEXT


@pytest.mark.parametrize("name", ["dispute", "report"])
def test_other_forms_without_a_token_keep_their_text(strict, movie, make_review, name):
    target = reverse(f"reviews:{name}", args=[make_review(movie).pk])
    page = strict.post(target, {"note": TEXT, "reason": TEXT})
    assert page.status_code == 403
    assert TEXT in page.content.decode()


def test_a_password_is_not_shown_again(strict):
    page = strict.post(reverse("login"), {"username": "ana", "password": PASSWORD})
    assert page.status_code == 403
    assert PASSWORD not in page.content.decode()


def test_a_form_of_another_site_cannot_be_sent_again(strict, address):
    page = strict.post(address, {"text": TEXT}, HTTP_ORIGIN="https://evil.example")
    assert page.status_code == 403
    assert "<textarea" not in page.content.decode()


def test_a_form_that_is_sent_twice_stores_one_review(user_client, address):
    answers = [user_client.post(address, {"text": TEXT}).url for _ in range(2)]
    review = MovieReview.objects.get()
    assert answers == [f"{review.get_absolute_url()}?new=1"] * 2


def test_a_second_text_can_replace_the_first_review(user_client, address, user, movie, make_review):
    review = make_review(movie, "The first.", author=user)
    page = user_client.post(address, {"text": TEXT})
    edit = reverse("reviews:edit", args=[review.pk])
    assert f'formaction="{edit}"' in page.content.decode()
    user_client.post(edit, fields_of(page))
    review.refresh_from_db()
    assert review.text == TEXT
