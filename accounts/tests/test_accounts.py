"""Signing in and out."""

import pytest
from django.urls import reverse

pytestmark = pytest.mark.django_db

PASSWORD = "a-long-password-1"


def sign_in(client, **data):
    return client.post(reverse("login"), {"username": "ana", "password": PASSWORD, **data})


def test_sign_in_returns_to_the_page(client, user):
    assert f"{reverse('login')}?next=/movies/" in client.get("/movies/").content.decode()
    assert sign_in(client, next="/movies/").url == "/movies/"


def test_header_names_the_account(client, user):
    sign_in(client)
    page = client.get("/").content.decode()
    assert "ana" in page
    assert f'action="{reverse("logout")}"' in page
    assert reverse("login") not in page


def test_sign_out_ends_the_session(client, user):
    sign_in(client)
    assert client.post(reverse("logout")).url == "/"
    assert reverse("login") in client.get("/").content.decode()


def test_sign_in_page_opens_for_a_signed_in_user(user_client):
    page = user_client.get(reverse("login"), {"next": reverse("login")})
    assert page.status_code == 200


def test_name_with_markup_is_escaped(client, django_user_model):
    client.force_login(django_user_model.objects.create_user("<b>ana</b>"))
    assert "<b>ana</b>" not in client.get("/").content.decode()
