import re

import pytest
from django.urls import reverse
from rest_framework.authtoken.models import Token

pytestmark = pytest.mark.django_db

OLD, NEW = "a-long-password-1", "another-password-2"


@pytest.fixture
def with_email(user):
    user.email = "ana@example.org"
    user.save()
    return user


def ask_for_link(client, mailoutbox):
    client.post(reverse("password_reset"), {"email": "ana@example.org"})
    return re.search(r"http://testserver(\S+)", mailoutbox[0].body).group(1)


def test_a_forgotten_password_is_replaced_by_mail(client, with_email, mailoutbox):
    form = client.get(ask_for_link(client, mailoutbox), follow=True)
    address = form.redirect_chain[-1][0]
    client.post(address, {"new_password1": NEW, "new_password2": NEW})
    assert client.login(username="ana", password=NEW)


def test_a_link_works_once(client, with_email, mailoutbox):
    link = ask_for_link(client, mailoutbox)
    address = client.get(link, follow=True).redirect_chain[-1][0]
    client.post(address, {"new_password1": NEW, "new_password2": NEW})
    assert "expired" in client.get(link, follow=True).content.decode()


def test_a_reset_takes_the_api_token_too(client, with_email, mailoutbox):
    Token.objects.create(user=with_email)
    address = client.get(ask_for_link(client, mailoutbox), follow=True).redirect_chain[-1][0]
    client.post(address, {"new_password1": NEW, "new_password2": NEW})
    assert not Token.objects.exists()


def test_nobody_learns_whether_an_address_has_an_account(client, with_email, mailoutbox):
    answers = []
    for email in ("ana@example.org", "nobody@example.org"):
        page = client.post(reverse("password_reset"), {"email": email}, follow=True)
        _head, _main, content = page.content.decode().partition("<main")
        answers.append((page.redirect_chain, content.partition("</main>")[0]))
    assert answers[0] == answers[1]
    assert len(mailoutbox) == 1


def test_a_dead_mail_server_is_no_error_page(client, with_email, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    answer = client.post(reverse("password_reset"), {"email": "ana@example.org"}, follow=True)
    assert answer.status_code == 200


def test_a_changed_password_signs_other_devices_out(client, user):
    from django.test import Client

    other = Client()
    client.force_login(user)
    other.force_login(user)
    data = {"old_password": OLD, "new_password1": NEW, "new_password2": NEW}
    assert client.post(reverse("password_change"), data).url == reverse("account")
    assert client.get(reverse("account")).status_code == 200
    assert other.get(reverse("account")).status_code == 302


def test_an_email_address_is_changed_with_the_password_only(client, user):
    client.force_login(user)
    address = reverse("account-email")
    client.post(address, {"email": "new@example.org", "password": "wrong"})
    user.refresh_from_db()
    assert user.email == ""
    client.post(address, {"email": "new@example.org", "password": OLD})
    user.refresh_from_db()
    assert user.email == "new@example.org"
