from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """Pages around Django's own accounts; no model of its own."""

    name = "accounts"
    verbose_name = _("Accounts")
