from django.apps import AppConfig
from django.contrib.auth.signals import user_login_failed
from django.utils.translation import gettext_lazy as _


class SiteConfig(AppConfig):
    """What belongs to the whole site: events, metrics, the status page."""

    name = "rottenpotatoes"
    verbose_name = _("site")

    def ready(self) -> None:
        user_login_failed.connect(tell_of_failed_login, dispatch_uid="event")


def tell_of_failed_login(sender: object, request=None, **kwargs: object) -> None:
    from rottenpotatoes.events import emit
    from rottenpotatoes.middleware import route_of

    # Whose name was typed is not told: it may be a password in the wrong box.
    emit("LOGIN_FAILED", path=route_of(request) if request else "command line")
