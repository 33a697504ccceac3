from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """Pages around Django's own accounts, and the keys by which these are compared."""

    name = "accounts"
    verbose_name = _("Accounts")

    def ready(self) -> None:
        # Models can be imported only now.
        from accounts.names import is_account_name  # noqa: PLC0415
        from reviews.guest_names import register_account_check  # noqa: PLC0415

        register_account_check(is_account_name)
