"""Names and addresses of accounts are unique in any case, and no name looks like another."""

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.models import AccountKeys

pytestmark = pytest.mark.django_db

PASSWORD = "a-long-password-1"
LOOK_ALIKES = ["ANA", "аnа", "a\u200bna", "\u202eana", "áná", "ａｎａ"]


def sign_up(client, **data):
    fields = {"username": "bea", "password1": PASSWORD, "password2": PASSWORD}
    return client.post(reverse("signup"), fields | data)


@pytest.mark.parametrize("name", LOOK_ALIKES)
def test_a_new_account_cannot_look_like_another(client, user, name):
    assert sign_up(client, username=name).context["form"].has_error("username")
    assert User.objects.count() == 1


def test_an_address_is_unique_in_any_case(client):
    sign_up(client, email="Bea@Example.org")
    client.logout()
    refused = sign_up(client, username="cora", email="bea@example.org")
    assert refused.context["form"].has_error("email", "email_taken")


def test_accounts_without_an_address_are_not_the_same(client):
    sign_up(client)
    client.logout()
    assert sign_up(client, username="cora").status_code == 302


def test_refused_addresses_are_limited(client, user, set_rate):
    set_rate("signup", "1/hour")
    user.email = "ana@example.org"
    user.save()
    statuses = [sign_up(client, email="ANA@example.org").status_code for _ in range(2)]
    assert statuses == [200, 429]


@pytest.mark.parametrize("name", ["ana", "Ana", "ANA", "ａｎａ"])
def test_a_name_in_any_case_signs_in(client, user, name):
    data = {"username": name, "password": PASSWORD}
    assert client.post(reverse("login"), data).status_code == 302
    assert client.session["_auth_user_id"] == str(user.pk)


def test_a_name_that_only_looks_like_it_does_not_sign_in(client, user):
    data = {"username": "аnа", "password": PASSWORD}
    assert client.post(reverse("login"), data).status_code == 200


def test_the_address_of_another_account_is_refused(user_client, user):
    User.objects.create_user("bea", "bea@example.org")
    data = {"email": "BEA@example.org", "password": PASSWORD}
    answer = user_client.post(reverse("account-email"), data)
    assert answer.context["form"].has_error("email", "email_taken")


def test_own_address_can_be_written_in_another_case(user_client, user):
    for email in ("ana@example.org", "Ana@example.org"):
        user_client.post(reverse("account-email"), {"email": email, "password": PASSWORD})
    user.refresh_from_db()
    assert user.email == "Ana@example.org"


def test_a_curator_cannot_take_a_name_in_the_admin(admin_client, user):
    data = {"username": "Ana", "usable_password": "false"}
    page = admin_client.post(reverse("admin:auth_user_add"), data)
    assert page.context["adminform"].form.has_error("username")


def test_createsuperuser_refuses_a_taken_name(user):
    with pytest.raises(CommandError):
        call_command("createsuperuser", username="ANA", email="", interactive=False)


def test_a_renamed_account_gives_its_name_back(user):
    user.username = "cora"
    user.save()
    User.objects.create_user("Ana")
    with pytest.raises(ValidationError):
        User.objects.create_user("CORA")


def test_the_database_refuses_two_spellings_of_a_name(user):
    other = User.objects.create_user("bea")
    with pytest.raises(IntegrityError), transaction.atomic():
        AccountKeys.objects.filter(user=other).update(name="ana")


def test_a_sign_in_does_not_check_the_name_again(client, user, django_assert_num_queries):
    with django_assert_num_queries(1):
        user.save(update_fields=["last_login"])
