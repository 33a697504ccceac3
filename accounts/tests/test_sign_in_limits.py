import pytest
from django.urls import reverse
from rest_framework.throttling import ScopedRateThrottle

pytestmark = pytest.mark.django_db

PASSWORD = "a-long-password-1"


@pytest.fixture(autouse=True)
def rates(monkeypatch):
    rates = {"login": "3/hour", "login_name": "5/hour", "password_reset": "1/hour"}
    for scope, rate in rates.items():
        monkeypatch.setitem(ScopedRateThrottle.THROTTLE_RATES, scope, rate)


def sign_in(client, name="ana", password=PASSWORD, address="10.0.0.1"):
    data = {"username": name, "password": password}
    return client.post(reverse("login"), data, REMOTE_ADDR=address)


def test_passwords_cannot_be_guessed_without_end(client, user):
    statuses = [sign_in(client, password=f"guess {n}").status_code for n in range(4)]
    assert statuses == [200, 200, 200, 429]
    refused = sign_in(client)
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) > 0
    assert "_auth_user_id" not in client.session


def test_other_addresses_are_not_locked_out(client, user):
    for n in range(4):
        sign_in(client, password=f"guess {n}")
    assert sign_in(client, address="10.0.0.2").status_code == 302


def test_one_account_is_not_guessed_from_many_addresses(client, user):
    for n in range(5):
        sign_in(client, name="Ana", password=f"guess {n}", address=f"10.0.0.{n}")
    assert sign_in(client, address="10.0.0.9").status_code == 429


def test_who_knows_his_password_may_come_as_often_as_he_likes(client, user):
    for _ in range(6):
        assert sign_in(client).status_code == 302
        client.logout()


def test_the_admin_has_no_form_of_its_own(client, user):
    answer = client.get("/admin/login/", {"next": "/admin/"})
    assert answer.url == f"{reverse('login')}?next=%2Fadmin%2F"
    client.post("/admin/login/", {"username": "ana", "password": PASSWORD})
    assert "_auth_user_id" not in client.session


def test_who_may_not_open_a_page_is_told_so(client, user):
    client.force_login(user)
    page = client.get("/admin/", follow=True)
    assert "who may not open that page" in page.content.decode()


@pytest.mark.parametrize("name", ["account-email", "account-delete", "password_change"])
def test_an_open_browser_does_not_help_guessing(client, user, name):
    client.force_login(user)
    guess = {"password": "guess", "old_password": "guess"}
    statuses = [client.post(reverse(name), guess).status_code for _ in range(6)]
    assert statuses == [200] * 5 + [429]


def test_a_mailbox_cannot_be_flooded(client, user, mailoutbox):
    user.email = "ana@example.org"
    user.save()
    for _ in range(3):
        answer = client.post(reverse("password_reset"), {"email": user.email})
    assert answer.status_code == 429
    assert len(mailoutbox) == 1
