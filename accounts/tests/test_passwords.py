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


def reset_password(client, mailoutbox):
    """Reset the password with the link of an email, and return the link."""
    client.post(reverse("password_reset"), {"email": "ana@example.org"})
    link = re.search(r"http://testserver(\S+)", mailoutbox[0].body).group(1)
    address = client.get(link, follow=True).redirect_chain[-1][0]
    client.post(address, {"new_password1": NEW, "new_password2": NEW})
    return link


def test_forgotten_password_is_reset_by_email(client, with_email, mailoutbox):
    reset_password(client, mailoutbox)
    assert client.login(username="ana", password=NEW)


def test_reset_link_works_once(client, with_email, mailoutbox):
    link = reset_password(client, mailoutbox)
    assert "expired" in client.get(link, follow=True).content.decode()


def test_password_reset_revokes_the_api_token(client, with_email, mailoutbox):
    Token.objects.create(user=with_email)
    reset_password(client, mailoutbox)
    assert not Token.objects.exists()


def test_password_reset_does_not_reveal_accounts(client, with_email, mailoutbox):
    answers = []
    for email in ("ana@example.org", "nobody@example.org"):
        page = client.post(reverse("password_reset"), {"email": email}, follow=True)
        _head, _main, content = page.content.decode().partition("<main")
        answers.append((page.redirect_chain, content.partition("</main>")[0]))
    assert answers[0] == answers[1]
    assert len(mailoutbox) == 1


def test_password_reset_works_while_the_mail_server_is_down(client, with_email, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    answer = client.post(reverse("password_reset"), {"email": "ana@example.org"}, follow=True)
    assert answer.status_code == 200


def test_password_change_signs_out_other_devices(user_client, user):
    from django.test import Client

    other = Client()
    other.force_login(user)
    data = {"old_password": OLD, "new_password1": NEW, "new_password2": NEW}
    assert user_client.post(reverse("password_change"), data).url == reverse("account")
    assert user_client.get(reverse("account")).status_code == 200
    assert other.get(reverse("account")).status_code == 302


def test_email_change_requires_the_password(user_client, user):
    address = reverse("account-email")
    user_client.post(address, {"email": "new@example.org", "password": "wrong"})
    user.refresh_from_db()
    assert user.email == ""
    user_client.post(address, {"email": "new@example.org", "password": OLD})
    user.refresh_from_db()
    assert user.email == "new@example.org"
