import pytest
from django.urls import reverse

pytestmark = pytest.mark.django_db

PASSWORD = "a-long-password-1"


@pytest.fixture(autouse=True)
def rates(set_rate):
    rates = {"login": "3/hour", "login_name": "5/hour", "password_reset": "1/hour"}
    for scope, rate in rates.items():
        set_rate(scope, rate)


def sign_in(client, name="ana", password=PASSWORD, address="10.0.0.1"):
    data = {"username": name, "password": password}
    return client.post(reverse("login"), data, REMOTE_ADDR=address)


def test_guesses_from_one_address_are_limited(client, user):
    statuses = [sign_in(client, password=f"guess {n}").status_code for n in range(4)]
    assert statuses == [200, 200, 200, 429]
    response = sign_in(client)
    assert response.status_code == 429
    assert int(response["Retry-After"]) > 0
    assert "_auth_user_id" not in client.session


def test_other_addresses_can_still_sign_in(client, user):
    for n in range(4):
        sign_in(client, password=f"guess {n}")
    assert sign_in(client, address="10.0.0.2").status_code == 302


@pytest.mark.parametrize("name", ["Ana", " ana ", "ａｎａ"])  # fullwidth letters
def test_guesses_for_one_account_are_limited_however_its_name_is_written(client, user, name):
    for n in range(5):
        sign_in(client, name=name, password=f"guess {n}", address=f"10.0.0.{n}")
    assert sign_in(client, address="10.0.0.9").status_code == 429


def test_successful_sign_ins_are_not_limited(client, user):
    for _ in range(6):
        assert sign_in(client).status_code == 302
        client.logout()


def test_admin_redirects_to_the_sign_in_page(client, user):
    response = client.get("/admin/login/", {"next": "/admin/"})
    assert response.url == f"{reverse('login')}?next=%2Fadmin%2F"
    client.post("/admin/login/", {"username": "ana", "password": PASSWORD})
    assert "_auth_user_id" not in client.session


def test_page_that_the_account_may_not_open_says_so(user_client):
    page = user_client.get("/admin/", follow=True)
    assert 'data-testid="wrong-account"' in page.content.decode()


@pytest.mark.parametrize("name", ["account-email", "account-delete", "password_change"])
def test_guesses_in_an_open_session_are_limited(user_client, name):
    statuses = [guess(user_client, name, username=f"other{n}").status_code for n in range(6)]
    assert statuses == [200] * 5 + [429]


def guess(client, name, **fields):
    return client.post(reverse(name), {"password": "guess", "old_password": "guess"} | fields)


def test_password_reset_emails_are_limited(client, user, mailoutbox):
    user.email = "ana@example.org"
    user.save()
    for _ in range(3):
        response = client.post(reverse("password_reset"), {"email": user.email})
    assert response.status_code == 429
    assert len(mailoutbox) == 1
