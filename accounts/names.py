"""Names and addresses of accounts: unique in any case, and no two names that look alike."""

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.db.models.signals import post_save, pre_save
from django.dispatch import receiver
from django.utils.translation import gettext_lazy as _

from accounts.models import KEY_CHARS, AccountKeys
from common.lookalikes import look_keys, same_in_any_case


def key(text: str) -> str | None:
    return same_in_any_case(text)[:KEY_CHARS] or None


def look_like(name: str) -> Q:
    keys = [look[:KEY_CHARS] for look in look_keys(name)]
    return Q(look__in=keys) | Q(small_look__in=keys)


def is_account_name(name: str) -> bool:
    """Return whether a reader could take the name for that of an account."""
    return AccountKeys.objects.filter(look_like(name)).exists()


def check_name(name: str, *, of: int | None = None) -> None:
    """Raise ValidationError if another account than ``of`` has such a name."""
    others = AccountKeys.objects.exclude(user=of) if of else AccountKeys.objects
    if others.filter(look_like(name) | Q(name=key(name))).exists():
        raise ValidationError(
            _("Another account has this name, or one that looks like it. Please choose another."),
            code="name_taken",
        )


def check_email(email: str, *, of: int | None = None) -> None:
    """Raise ValidationError if another account than ``of`` has this address, in any case."""
    others = AccountKeys.objects.exclude(user=of) if of else AccountKeys.objects
    if email and others.filter(email=key(email)).exists():
        raise ValidationError(
            _("Another account has this address. Sign in to it, or reset its password."),
            code="email_taken",
        )


def exact_name(name: str) -> str:
    """Return the name of the account that is meant, which may be written in any case."""
    if User.objects.filter(username=name).exists():
        return name
    keys = AccountKeys.objects.filter(name=key(name)).select_related("user").first()
    return keys.user.get_username() if keys else name


def _changes_keys(update_fields: frozenset[str] | None) -> bool:
    return update_fields is None or not update_fields.isdisjoint(("username", "email"))


@receiver(pre_save, sender=User)
def check_changes(instance: User, raw: bool, update_fields: frozenset[str] | None, **_kwargs):
    """Refuse a taken name or address also outside of forms, such as in ``createsuperuser``."""
    if raw or not _changes_keys(update_fields):
        return
    before = User.objects.filter(pk=instance.pk).first()
    if before is None or before.username != instance.username:
        check_name(instance.username, of=instance.pk)
    if before is None or before.email != instance.email:
        check_email(instance.email, of=instance.pk)


@receiver(post_save, sender=User)
def store_keys(instance: User, raw: bool, update_fields: frozenset[str] | None, **_kwargs):
    if raw or not _changes_keys(update_fields):
        return
    name, email = key(instance.username), key(instance.email)
    others = AccountKeys.objects.exclude(user=instance)
    look, small_look = (look[:KEY_CHARS] for look in look_keys(instance.username))
    keys = {
        # Accounts of the time before these keys may share a name or an address.
        "name": None if others.filter(name=name).exists() else name,
        "email": None if others.filter(email=email).exists() else email,
        "look": look,
        "small_look": small_look,
    }
    AccountKeys.objects.update_or_create(user=instance, defaults=keys)
